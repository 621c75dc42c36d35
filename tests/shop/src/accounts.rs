//! `user_schema`: user accounts. The generated `users` and `updateUser` follow the policies of `codegen.toml`. Signing
//! up and signing in are written by hand.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, InputObject, Object, Result, SimpleObject};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use runtime::ErrorCode;
use runtime::Staff;
use runtime::{Base, Many, MutationError, One, Reader, RegisteredSchema, ServerConfig, transaction};

use crate::api::accounts::{User, UserRole, user};
use crate::api::secrets::{Credential, credential};
use crate::{passwords, viewer_id};

/// The issuer (`iss`) of the shop's tokens.
pub const ISSUER: &str = "shop";

/// Lifetime of a token in seconds.
const LIFETIME: i64 = 3600;

/// The schema of accounts.
#[derive(Debug, RegisteredSchema)]
#[schema(
    name = "user_schema",
    version = "1.0.0",
    description = "User accounts: profiles, signing up and signing in.",
    apps("accounts"),
    query(Accounts),
    query(Base),
    mutation(SigningIn),
    settings(require_authentication = false, max_query_depth = 8)
)]
pub struct UserSchema;

/// Queries about accounts.
#[derive(Debug, Default)]
pub struct Accounts;

#[Object]
impl Accounts {
    /// The signed-in user; null if nobody is signed in.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<One<User>>> {
        let Ok(id) = viewer_id(ctx) else { return Ok(None) };
        User::find().filter(user::id.eq(id)).select_one(ctx).await.map(Some)
    }

    /// The users who signed up last, newest first.
    #[graphql(guard = "Staff")]
    async fn newest_users(&self, ctx: &Context<'_>, #[graphql(default = 10)] limit: i32) -> Result<Many<User>> {
        User::find()
            .order_by(user::created_at.descending())
            .limit(limit)
            .select(ctx)
            .await
    }
}

/// Mutations for signing up and signing in.
#[derive(Debug, Default)]
pub struct SigningIn;

/// A new account.
#[derive(Debug, InputObject)]
pub struct CreateUserInput {
    username: String,
    email: String,
    full_name: Option<String>,
    /// At least 8 characters.
    password: String,
}

/// Result of `createUser`.
#[derive(Debug, Default, SimpleObject)]
#[graphql(complex)]
pub struct SignUpPayload {
    success: bool,
    errors: Vec<MutationError>,
    #[graphql(skip)]
    id: Option<i64>,
}

#[ComplexObject]
impl SignUpPayload {
    /// The new account; null if there were errors.
    async fn user(&self, ctx: &Context<'_>) -> Result<Option<One<User>>> {
        let Some(id) = self.id else { return Ok(None) };
        // The new user is not signed in yet, but may see their own account.
        User::find()
            .filter(user::id.eq(id))
            .as_program()
            .select_one(ctx)
            .await
            .map(Some)
    }
}

/// Result of `login`.
#[derive(Debug, Default, SimpleObject)]
pub struct LoginPayload {
    success: bool,
    errors: Vec<MutationError>,
    /// Token for the header `Authorization: Bearer ...`; null if there were errors.
    token: Option<String>,
}

#[Object]
impl SigningIn {
    /// Creates a customer's account.
    async fn create_user(&self, ctx: &Context<'_>, input: CreateUserInput) -> Result<SignUpPayload> {
        let errors = mistakes(&input);
        if !errors.is_empty() {
            return Ok(SignUpPayload {
                errors,
                ..SignUpPayload::default()
            });
        }

        let hash = passwords::hash(input.password).await?;
        transaction(ctx, async |tx| {
            let made = User::insert()
                .set(user::username, input.username)
                .set(user::email, input.email)
                .set_optional(user::full_name, input.full_name)
                .set(user::role, UserRole::Customer)
                .run(&tx)
                .await;
            let made = match made {
                Ok(made) => made,
                Err(error) => {
                    let errors = MutationError::all_of(error)?
                        .into_iter()
                        .map(|error| error.below("input"));
                    return Ok(SignUpPayload {
                        errors: errors.collect(),
                        ..SignUpPayload::default()
                    });
                }
            };

            let credentials = Credential::insert().set(credential::user_id, made.id);
            credentials.set(credential::password_hash, hash).run(&tx).await?;

            Ok::<_, async_graphql::Error>(SignUpPayload {
                success: true,
                id: Some(made.id),
                ..SignUpPayload::default()
            })
        })
        .await
    }

    /// Signs a user in with name and password, and returns a token.
    async fn login(&self, ctx: &Context<'_>, username: String, password: String) -> Result<LoginPayload> {
        // Verifying a password is slow, so this reads outside of a transaction.
        let reader = Reader::outside(ctx)?;
        let known = User::find()
            .filter(user::username.eq(username).and(user::is_active.eq(true)))
            .one(&reader)
            .await?;

        let hash = match &known {
            Some(known) => {
                Credential::find()
                    .filter(credential::user_id.eq(known.id))
                    .one(&reader)
                    .await?
            }
            None => None,
        };

        let is_right = passwords::verify(password, hash.map(|found| found.password_hash)).await;
        match known.filter(|_| is_right) {
            Some(known) => {
                let token = ctx.data::<Arc<Tokens>>()?.token(&known)?;
                Ok(LoginPayload {
                    success: true,
                    token: Some(token),
                    ..LoginPayload::default()
                })
            }
            // The message does not tell which of the two is wrong: that would reveal who has an account.
            None => Ok(LoginPayload {
                errors: vec![MutationError::new(
                    "password",
                    ErrorCode::Invalid,
                    "wrong user name or password",
                )],
                ..LoginPayload::default()
            }),
        }
    }
}

fn mistakes(input: &CreateUserInput) -> Vec<MutationError> {
    let mut errors = Vec::new();
    let mut check = |holds: bool, field: &str, message: &str| {
        if !holds {
            errors.push(MutationError::new(field, ErrorCode::Invalid, message));
        }
    };

    check(
        input.username.chars().count() >= 3,
        "input.username",
        "the user name must have at least 3 characters",
    );
    check(
        input.email.contains('@'),
        "input.email",
        "the e-mail address must contain `@`",
    );
    check(
        input.password.chars().count() >= 8,
        "input.password",
        "the password must have at least 8 characters",
    );

    errors
}

/// Signs tokens with the server's secret.
pub struct Tokens(EncodingKey);

#[derive(serde::Serialize)]
struct Claims<'c> {
    sub: String,
    iss: &'c str,
    exp: i64,
    name: &'c str,
    roles: Vec<&'c str>,
}

impl Tokens {
    fn token(&self, user: &User) -> Result<String> {
        let role = if user.role == UserRole::Staff {
            "staff"
        } else {
            "customer"
        };

        let exp = chrono::Utc::now().timestamp() + LIFETIME;
        let claims = Claims {
            sub: user.id.to_string(),
            iss: ISSUER,
            exp,
            name: &user.username,
            roles: vec![role],
        };

        Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.0)?)
    }
}

/// Gives `login` the server's secret to sign tokens with.
pub fn with_tokens(config: ServerConfig, secret: &[u8]) -> ServerConfig {
    config.shared(Arc::new(Tokens(EncodingKey::from_secret(secret))))
}
