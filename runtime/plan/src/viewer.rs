//! The caller, as policies see it.

/// The caller as policies see it: anonymous, or identified by an id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Viewer {
    /// The viewer's id; `None` if anonymous.
    pub id: Option<String>,
    /// The viewer's roles.
    pub roles: Vec<String>,
    /// Whether the viewer is staff: one of the people who run the program.
    pub is_staff: bool,
    /// Other known facts, such as a token's claims.
    pub claims: serde_json::Map<String, serde_json::Value>,
}

impl Viewer {
    /// Returns a viewer without an id.
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// Returns a viewer with an id, and no roles yet.
    pub fn known(id: impl Into<String>) -> Self {
        Self {
            id: Some(id.into()),
            ..Self::default()
        }
    }

    /// Whether the viewer has an id.
    pub fn is_authenticated(&self) -> bool {
        self.id.is_some()
    }

    /// Whether the viewer has a role: its own, or one of `anyone`, `anonymous`, `authenticated` and `staff`.
    pub fn has_role(&self, role: &str) -> bool {
        match role {
            "anyone" => true,
            "anonymous" => !self.is_authenticated(),
            "authenticated" => self.is_authenticated(),
            "staff" => self.is_staff,
            role => self.roles.iter().any(|own| own == role),
        }
    }

    /// Returns a cache key that two viewers share only if they see the same.
    pub fn key(&self) -> String {
        serde_json::json!([self.id, self.roles, self.is_staff, self.claims]).to_string()
    }
}
