//! Creates the shop's database: the tables and rows of `shop-data`, and a table of password hashes.

use runtime::Tx;
use runtime::{Database, transact};

use crate::api::secrets::Credential;
use crate::api::secrets::credential;
use crate::passwords;

/// Creates the table of password hashes; the statement is valid on every database.
const CREDENTIALS: &str = "CREATE TABLE credentials (
  user_id BIGINT NOT NULL PRIMARY KEY,
  password_hash VARCHAR(200) NOT NULL,
  FOREIGN KEY (user_id) REFERENCES users (id)
)";

/// Ids of the users who can sign in from the start: the first is staff, the others are customers.
pub const DEMO_USERS: &[i64] = &[1, 2, 3, 4];

/// The password of all demo users.
pub const DEMO_PASSWORD: &str = "correct horse";

/// Returns 48 random bytes, as a default secret to sign tokens with.
pub fn random_secret() -> Vec<u8> {
    // Each salt is 16 random bytes from the system.
    let salts = [(); 3].map(|()| argon2::password_hash::phc::Salt::generate());
    salts.iter().flat_map(|salt| salt.to_vec()).collect()
}

/// Creates tables and rows in an empty database; `scale` multiplies the number of rows.
///
/// # Errors
///
/// The error of the database, or of hashing the password.
pub async fn create(url: &str, scale: u32) -> Result<(), Box<dyn std::error::Error>> {
    shop_data::create(url, scale).await?;
    let database = Database::connect(url, 1).await?;
    let hash = passwords::hash(DEMO_PASSWORD.into()).await?;

    transact(&database, async |tx: Tx| {
        tx.sql(CREDENTIALS, &[], &mut |_: &dyn runtime::Row| Ok(())).await?;

        let rows = DEMO_USERS
            .iter()
            .fold(None, |rows: Option<runtime::Insert<Credential>>, &user| {
                let row = rows.map_or_else(Credential::insert, runtime::Insert::another);
                Some(
                    row.set(credential::user_id, user)
                        .set(credential::password_hash, hash.clone()),
                )
            });
        if let Some(rows) = rows {
            rows.run_all(&tx).await?;
        }
        Ok::<_, runtime::WriteError>(())
    })
    .await?;

    database.close();
    Ok(())
}
