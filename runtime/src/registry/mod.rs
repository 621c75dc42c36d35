//! The schemas of the program: what they are made of, who registered them, and the engines that serve them.

mod build;
mod builder;
mod definition;
mod discovery;
mod error;
mod hooks;
mod info;
mod link;
mod order;
mod plugin;
mod points;
mod settings;
mod store;

pub use build::{Registered, definition_sdl};
pub use builder::SchemaBuilder;
pub use definition::{DefinedSchema, Origin, SchemaDefinition, SchemaProvider};
pub use error::RegistryError;
pub(crate) use hooks::Hooks;
pub use hooks::{Hook, HookKind, RequestContext};
pub use info::SchemaInfo;
pub(crate) use info::timestamp;
pub use link::{Registration, linked_registrations};
pub(crate) use order::{Participant, in_order};
pub(crate) use plugin::Plugins;
pub use plugin::{Plugin, Verdict};
pub(crate) use settings::Effective;
pub use settings::{SettingError, SettingValue, Settings};
pub use store::Registry;
