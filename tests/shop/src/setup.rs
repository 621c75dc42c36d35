//! The shop's database, made where there is none: the tables and rows of `shop-data`, and a table of passwords.

use runtime::Tx;
use runtime::{Database, transact};

use crate::api::secrets::Credential;
use crate::api::secrets::credential;
use crate::passwords;

/// The same text on every database.
const CREDENTIALS: &str = "CREATE TABLE credentials (
  user_id BIGINT NOT NULL PRIMARY KEY,
  password_hash VARCHAR(200) NOT NULL,
  FOREIGN KEY (user_id) REFERENCES users (id)
)";

/// Those who can sign in at once: a member of staff, and customers.
pub const DEMO_USERS: &[i64] = &[1, 2, 3, 4];

/// Their password.
pub const DEMO_PASSWORD: &str = "correct horse";

/// What tokens are signed with where nobody says otherwise.
pub fn random_secret() -> Vec<u8> {
    // Salts are 16 bytes of the system's randomness each.
    let salts = [(); 3].map(|()| argon2::password_hash::phc::Salt::generate());
    salts.iter().flat_map(|salt| salt.to_vec()).collect()
}

/// Makes tables and rows in an empty database.
///
/// # Errors
///
/// What the database says.
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
