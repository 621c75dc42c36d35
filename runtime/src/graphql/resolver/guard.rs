//! Guards of hand-written fields: `#[graphql(guard = "Staff")]`.

use async_graphql::{Context, Error, ErrorExtensions as _, Guard, Result};

use plan::viewer::Viewer;

/// Admits viewers who are signed in.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn;

/// Admits staff.
#[derive(Debug, Clone, Copy)]
pub struct Staff;

/// Admits viewers who have a role.
#[derive(Debug, Clone)]
pub struct Role(pub &'static str);

impl Guard for SignedIn {
    async fn check(&self, ctx: &Context<'_>) -> Result<()> {
        require(ctx, |_| true)
    }
}

impl Guard for Staff {
    async fn check(&self, ctx: &Context<'_>) -> Result<()> {
        require(ctx, |viewer| viewer.is_staff)
    }
}

impl Guard for Role {
    async fn check(&self, ctx: &Context<'_>) -> Result<()> {
        require(ctx, |viewer| viewer.roles.iter().any(|role| role == self.0))
    }
}

fn require(ctx: &Context<'_>, may: impl FnOnce(&Viewer) -> bool) -> Result<()> {
    let refuse = |message: &str, code: &'static str| {
        Err(Error::new(message).extend_with(|_, extensions| extensions.set("code", code)))
    };

    match ctx.data_opt::<Viewer>().filter(|viewer| viewer.is_authenticated()) {
        None => refuse("Authentication is required", "AUTHENTICATION_REQUIRED"),
        Some(viewer) if may(viewer) => Ok(()),
        Some(_) => refuse("You may not do this", "FORBIDDEN"),
    }
}
