//! Random documents and variables for the catalogue of the shop: mostly right, in all sizes up to a bound, with a few
//! shapes among them that no client of good will sends.

mod document;
mod filter;
mod odd;
mod tables;

use serde_json::{Map, Value};

use crate::Random;
use document::Writer;

/// The most bytes of each part.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Of the document.
    pub document: usize,
    /// Of the variables as JSON.
    pub variables: usize,
}

/// What to ask. The variables are JSON.
#[derive(Debug)]
pub struct Request {
    /// The document.
    pub document: String,
    /// Its variables.
    pub variables: String,
}

/// Variables by their names.
type Variables = Map<String, Value>;

/// The next request. Its sizes are not far from the bounds at most, and small ones are as likely as large ones.
pub fn request(random: &mut Random, sizes: Sizes) -> Request {
    let room = 64 + random.size(sizes.document);
    if random.chance(10) {
        return Request {
            document: odd::document(random, room),
            variables: "{}".to_owned(),
        };
    }
    let (mut document, variables) = Writer::new(random, room.min(sizes.document), sizes.variables).write();
    if random.chance(3) {
        let kept = random.below(document.len() as u64) as usize;
        document.truncate(kept);
    }
    Request {
        document,
        variables: Value::Object(variables).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Sizes, request};
    use crate::Random;

    #[test]
    fn requests_keep_to_their_sizes_and_come_again() {
        let sizes = Sizes {
            document: 16 * 1024,
            variables: 64 * 1024,
        };
        for seed in 0..200 {
            let made = request(&mut Random::new(seed), sizes);
            assert!(
                made.document.len() < 2 * sizes.document,
                "{seed}: {} bytes",
                made.document.len()
            );
            assert!(
                made.variables.len() < 2 * sizes.variables,
                "{seed}: {} bytes",
                made.variables.len()
            );
            assert_eq!(made.document, request(&mut Random::new(seed), sizes).document, "{seed}");
        }
    }
}
