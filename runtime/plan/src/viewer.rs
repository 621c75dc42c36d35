//! The caller, as policies see it.

/// Who asks: nobody known, or somebody with an id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Viewer {
    /// The caller's id; `None` for the anonymous.
    pub id: Option<String>,
    /// The caller's roles.
    pub roles: Vec<String>,
    /// Whether the caller belongs to those who run the program.
    pub is_staff: bool,
    /// What else is known, such as a token's claims.
    pub claims: serde_json::Map<String, serde_json::Value>,
}

impl Viewer {
    /// Nobody known.
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// Somebody with an id.
    pub fn known(id: impl Into<String>) -> Self {
        Self {
            id: Some(id.into()),
            ..Self::default()
        }
    }

    /// Whether it is somebody.
    pub fn is_authenticated(&self) -> bool {
        self.id.is_some()
    }

    /// Whether it has a role: one of its own, or `anyone`, `anonymous`, `authenticated`, `staff`.
    pub fn has_role(&self, role: &str) -> bool {
        match role {
            "anyone" => true,
            "anonymous" => !self.is_authenticated(),
            "authenticated" => self.is_authenticated(),
            "staff" => self.is_staff,
            role => self.roles.iter().any(|own| own == role),
        }
    }

    /// A text that two viewers share only if they see the same.
    pub fn key(&self) -> String {
        serde_json::json!([self.id, self.roles, self.is_staff, self.claims]).to_string()
    }
}
