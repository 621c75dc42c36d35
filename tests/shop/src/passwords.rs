//! Hashes passwords with Argon2 and verifies them. Both are slow on purpose, so they run on blocking threads.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use tokio::sync::Semaphore;

/// Limits concurrent hashing to the number of processors: each hash takes 19 MiB, and more at once would only slow each
/// other down.
static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, std::num::NonZero::get)));

/// Hashes a password with a new random salt; returns the hash with its parameters as text (PHC string format).
///
/// # Errors
///
/// The system cannot provide randomness or a thread.
pub async fn hash(password: String) -> Result<String, String> {
    let hashed = in_turn(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
    });
    hashed.await?.map_err(|error| error.to_string())
}

/// Returns whether a password matches a hash. Without a hash it returns `false` after the same time, so that the time
/// does not reveal which accounts exist.
pub async fn verify(password: String, hash: Option<String>) -> bool {
    // The hash of a password that nobody has.
    const NOBODYS: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$ZhVG0KfRuXIYb8p5kTHnFzLVfZ3m0D7R6nBR3hYb6zM";

    let checked = in_turn(move || {
        let text = hash.as_deref().unwrap_or(NOBODYS);
        let is_right = PasswordHash::new(text)
            .is_ok_and(|known| Argon2::default().verify_password(password.as_bytes(), &known).is_ok());
        is_right && hash.is_some()
    });
    checked.await.unwrap_or(false)
}

/// Runs slow work on a blocking thread, as soon as a permit of [`TURNS`] is free.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    let turn = TURNS.acquire().await.map_err(|error| error.to_string())?;
    let held = move || {
        // The work continues if the client has left, so it holds its permit until it ends.
        let _turn = turn;
        work()
    };

    tokio::task::spawn_blocking(held)
        .await
        .map_err(|error| error.to_string())
}
