//! `user_schema`: who is who. The generated `users` and `updateUser` follow the rules of `codegen.toml`; signing up and
//! in are written by hand.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, InputObject, Object, Result, SimpleObject};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use runtime::ErrorCode;
use runtime::Staff;
use runtime::{Base, Many, MutationError, One, Reader, RegisteredSchema, ServerConfig, transaction};

use crate::api::accounts::{User, UserRole, user};
use crate::api::secrets::{Credential, credential};
use crate::{passwords, viewer_id};

/// Who makes the shop's tokens.
pub const ISSUER: &str = "shop";

/// How long a token is good for, in seconds.
const LIFETIME: i64 = 3600;

/// The schema of accounts.
#[derive(Debug, RegisteredSchema)]
#[schema(
    name = "user_schema",
    version = "1.0.0",
    description = "People: who they are, signing up and signing in.",
    apps("accounts"),
    query(Accounts),
    query(Base),
    mutation(SigningIn),
    settings(require_authentication = false, max_query_depth = 8)
)]
pub struct UserSchema;

/// Questions about accounts.
#[derive(Debug, Default)]
pub struct Accounts;

#[Object]
impl Accounts {
    /// Who asks; null for the anonymous.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<One<User>>> {
        let Ok(id) = viewer_id(ctx) else { return Ok(None) };
        User::find().filter(user::id.eq(id)).select_one(ctx).await.map(Some)
    }

    /// Those who signed up last.
    #[graphql(guard = "Staff")]
    async fn newest_users(&self, ctx: &Context<'_>, #[graphql(default = 10)] limit: i32) -> Result<Many<User>> {
        User::find()
            .order_by(user::created_at.descending())
            .limit(limit)
            .select(ctx)
            .await
    }
}

/// Signing up and in.
#[derive(Debug, Default)]
pub struct SigningIn;

/// Somebody new.
#[derive(Debug, InputObject)]
pub struct CreateUserInput {
    username: String,
    email: String,
    full_name: Option<String>,
    /// At least 8 characters.
    password: String,
}

/// What became of signing up.
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
    /// The new account.
    async fn user(&self, ctx: &Context<'_>) -> Result<Option<One<User>>> {
        let Some(id) = self.id else { return Ok(None) };
        // Nobody is signed in yet, and this is their own account.
        User::find()
            .filter(user::id.eq(id))
            .as_program()
            .select_one(ctx)
            .await
            .map(Some)
    }
}

/// What became of signing in.
#[derive(Debug, Default, SimpleObject)]
pub struct LoginPayload {
    success: bool,
    errors: Vec<MutationError>,
    /// For the header `Authorization: Bearer ...`.
    token: Option<String>,
}

#[Object]
impl SigningIn {
    /// Signs somebody up as a customer.
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

    /// A token for who knows the password.
    async fn login(&self, ctx: &Context<'_>, username: String, password: String) -> Result<LoginPayload> {
        // Comparing takes long: no transaction waits for it.
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
            // Which of the two is wrong is nobody's business.
            None => Ok(LoginPayload {
                errors: vec![MutationError::new(
                    "password",
                    ErrorCode::Invalid,
                    "no such user, or not this password",
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
        "a name has at least 3 characters",
    );
    check(input.email.contains('@'), "input.email", "this is no e-mail address");
    check(
        input.password.chars().count() >= 8,
        "input.password",
        "a password has at least 8 characters",
    );
    errors
}

/// Makes tokens.
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

/// Lets `login` make tokens with the server's secret.
pub fn with_tokens(config: ServerConfig, secret: &[u8]) -> ServerConfig {
    config.shared(Arc::new(Tokens(EncodingKey::from_secret(secret))))
}
