//! The schemas of the program: what they are made of, who registered them, and the engines that serve them.

mod definition;
mod link;
mod settings;
mod store;

pub use definition::{Origin, SchemaDefinition, SchemaInfo, SchemaProvider};
pub use link::{Registration, linked_registrations};
pub use settings::{SettingError, SettingValue, Settings};
pub use store::{Registered, Registry, RegistryError, definition_sdl};
