//! Passwords, kept as Argon2 hashes and compared on threads of their own: both take long on purpose.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use tokio::sync::Semaphore;

/// As many at once as there are processors: each takes 19 MiB, and more of them would only be slower together.
static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, std::num::NonZero::get)));

/// The hash of a password, with a salt of its own.
///
/// # Errors
///
/// The system has no randomness to give, or no thread.
pub async fn hash(password: String) -> Result<String, String> {
    let hashed = in_turn(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
    });
    hashed.await?.map_err(|error| error.to_string())
}

/// Whether a password is the one of a hash. Without a hash it takes as long, and is not.
pub async fn verify(password: String, hash: Option<String>) -> bool {
    // Of a password that nobody has.
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

/// Runs work that takes long on a thread for such work, when its turn comes.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    let turn = TURNS.acquire().await.map_err(|error| error.to_string())?;
    let held = move || {
        // The work goes on without a client that left, and keeps its turn.
        let _turn = turn;
        work()
    };
    tokio::task::spawn_blocking(held)
        .await
        .map_err(|error| error.to_string())
}
