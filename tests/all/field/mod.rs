//! What was seen in the field: settings, connections, files and poolers as they are elsewhere.

mod batches;
mod codes;
mod connections;
mod files;
mod heavy;
mod isolation;
mod pooler;
pub(crate) mod served;
mod settings;
mod tls;
