//! Hooks: functions of the program that are called at points of a schema's life and around each request.

use std::any::Any;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwap;

use super::{Effective, Registered, Registry, SchemaDefinition, SchemaInfo};
use crate::cache::AnswerCache;
use crate::graphql::{Answer, Prepared, Request, Written};
use crate::observe::Observer;
use plan::viewer::Viewer;

/// The priority of hooks and plugins that do not set one; lower is earlier.
pub(super) const DEFAULT_PRIORITY: i32 = 100;

/// When a hook is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookKind {
    /// After discovery, with the names that it found.
    Discovery,
    /// Before a registration: may change the definition or refuse it.
    PreRegistration,
    /// After a registration.
    PostRegistration,
    /// Before a request is executed: may refuse it.
    PreExecute,
    /// After a request was executed.
    PostExecute,
}

impl HookKind {
    /// Returns its name in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::PreRegistration => "pre_registration",
            Self::PostRegistration => "post_registration",
            Self::PreExecute => "pre_execute",
            Self::PostExecute => "post_execute",
        }
    }
}

/// A request under way, as hooks and plugins see it.
#[derive(Debug)]
pub struct RequestContext<'r> {
    /// The schema that the request is for.
    pub schema: &'r SchemaInfo,
    /// The schema's effective settings.
    pub settings: &'r Effective,
    /// The viewer.
    pub viewer: &'r Viewer,
    /// The request.
    pub request: &'r Request,
    /// The request as parsed and planned.
    pub prepared: &'r Prepared,
    /// The cache of answers.
    pub cache: &'r Arc<dyn AnswerCache>,
    /// Takes events to log and count.
    pub observer: &'r Observer,
    /// When the request arrived.
    pub started: Instant,
    notes: Mutex<Vec<Box<dyn Any + Send>>>,
    written: OnceLock<Written>,
}

impl<'r> RequestContext<'r> {
    pub(crate) fn new(
        schema: &'r Registered,
        prepared: &'r Prepared,
        cache: &'r Arc<dyn AnswerCache>,
        observer: &'r Observer,
        started: Instant,
    ) -> Self {
        let (settings, schema) = (&schema.effective, &schema.info);
        let request = prepared.request();
        Self {
            schema,
            settings,
            viewer: &request.viewer,
            request,
            prepared,
            cache,
            observer,
            started,
            notes: Mutex::default(),
            written: OnceLock::new(),
        }
    }

    /// What the request wrote; `None` before it was executed.
    pub fn written(&self) -> Option<&Written> {
        self.written.get()
    }

    /// Sets what the request wrote.
    pub(crate) fn set_written(&self, written: Written) {
        let _ = self.written.set(written);
    }

    /// Leaves a value for a later hook or plugin call of the same request.
    pub fn leave<T: Send + 'static>(&self, note: T) {
        self.notes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(note));
    }

    /// Takes the first value of this type that was left.
    pub fn take<T: Send + 'static>(&self) -> Option<T> {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let at = notes.iter().position(|note| note.is::<T>())?;
        notes.swap_remove(at).downcast().ok().map(|note| *note)
    }
}

type Discovery = dyn Fn(&Registry, &[String]) -> Result<(), String> + Send + Sync;
type PreRegistration = dyn Fn(&Registry, &mut SchemaDefinition) -> Result<(), String> + Send + Sync;
type PostRegistration = dyn Fn(&Registry, &SchemaInfo) -> Result<(), String> + Send + Sync;
pub(crate) type PreExecute = dyn Fn(&RequestContext<'_>) -> Result<(), String> + Send + Sync;
pub(crate) type PostExecute = dyn Fn(&RequestContext<'_>, &Answer) -> Result<(), String> + Send + Sync;

#[derive(Clone)]
pub(super) enum Call {
    Discovery(Arc<Discovery>),
    PreRegistration(Arc<PreRegistration>),
    PostRegistration(Arc<PostRegistration>),
    PreExecute(Arc<PreExecute>),
    PostExecute(Arc<PostExecute>),
}

impl Call {
    fn kind(&self) -> HookKind {
        match self {
            Self::Discovery(_) => HookKind::Discovery,
            Self::PreRegistration(_) => HookKind::PreRegistration,
            Self::PostRegistration(_) => HookKind::PostRegistration,
            Self::PreExecute(_) => HookKind::PreExecute,
            Self::PostExecute(_) => HookKind::PostExecute,
        }
    }
}

/// A function with a name, by which it is logged and removed.
#[derive(Clone)]
pub struct Hook {
    pub(super) name: String,
    pub(super) priority: i32,
    pub(super) call: Call,
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hook")
            .field("name", &self.name)
            .field("kind", &self.kind())
            .field("priority", &self.priority)
            .finish_non_exhaustive()
    }
}

impl Hook {
    fn new(name: &str, call: Call) -> Self {
        Self {
            name: name.to_owned(),
            priority: DEFAULT_PRIORITY,
            call,
        }
    }

    /// Returns a hook that is called after discovery, with the names that it found.
    pub fn discovery(
        name: &str,
        call: impl Fn(&Registry, &[String]) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, Call::Discovery(Arc::new(call)))
    }

    /// Returns a hook that may change a definition before it is registered, or refuse it with a reason.
    pub fn pre_registration(
        name: &str,
        call: impl Fn(&Registry, &mut SchemaDefinition) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, Call::PreRegistration(Arc::new(call)))
    }

    /// Returns a hook that is called after a registration; an error is logged and has no effect.
    pub fn post_registration(
        name: &str,
        call: impl Fn(&Registry, &SchemaInfo) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, Call::PostRegistration(Arc::new(call)))
    }

    /// Returns a hook that may refuse a request before it is executed, with a reason that is shown to the client.
    pub fn pre_execute(
        name: &str,
        call: impl Fn(&RequestContext<'_>) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, Call::PreExecute(Arc::new(call)))
    }

    /// Returns a hook that is called with the answer of a request; an error is logged and has no effect.
    pub fn post_execute(
        name: &str,
        call: impl Fn(&RequestContext<'_>, &Answer) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, Call::PostExecute(Arc::new(call)))
    }

    /// Sets its priority among hooks and plugins: lower is earlier, 100 by default.
    #[must_use]
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    pub(crate) fn pre_execute_call(&self) -> Option<&Arc<PreExecute>> {
        match &self.call {
            Call::PreExecute(call) => Some(call),
            _ => None,
        }
    }

    pub(crate) fn post_execute_call(&self) -> Option<&Arc<PostExecute>> {
        match &self.call {
            Call::PostExecute(call) => Some(call),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it is called.
    pub fn kind(&self) -> HookKind {
        self.call.kind()
    }
}

/// The hooks of a registry. Each run uses a copy of the list: a hook may add and remove hooks, even itself.
#[derive(Debug, Default)]
pub struct Hooks(ArcSwap<Vec<Hook>>);

impl Hooks {
    /// Adds a hook; one of the same name and kind is replaced.
    #[expect(clippy::needless_pass_by_value, reason = "what is added is given away")]
    pub fn add(&self, hook: Hook) {
        self.0.rcu(|hooks| {
            let mut hooks: Vec<Hook> = (**hooks).clone();
            hooks.retain(|known| known.name != hook.name || known.kind() != hook.kind());

            let at = hooks.partition_point(|known| known.priority <= hook.priority);

            hooks.insert(at, hook.clone());
            hooks
        });
    }

    /// Removes the hooks of a name, and returns how many there were.
    pub fn remove(&self, name: &str) -> usize {
        let before = self.0.rcu(|hooks| {
            hooks
                .iter()
                .filter(|hook| hook.name != name)
                .cloned()
                .collect::<Vec<_>>()
        });
        before.iter().filter(|hook| hook.name == name).count()
    }

    /// Returns the hooks in the order in which they are called.
    pub fn list(&self) -> Arc<Vec<Hook>> {
        self.0.load_full()
    }

    /// Returns how many hooks of a kind there are.
    pub fn count(&self, kind: HookKind) -> usize {
        self.0.load().iter().filter(|hook| hook.kind() == kind).count()
    }
}
