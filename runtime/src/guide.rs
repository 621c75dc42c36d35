//! The guide. Its chapters are Markdown files in `runtime/guide`, whose code is tested.

macro_rules! chapters {
    ($($name:ident: $file:literal,)*) => {
        $(
            pub mod $name {
                #![doc = include_str!(concat!("../guide/", $file))]
            }
        )*
    };
}

chapters! {
    getting_started: "getting-started.md",
    tables: "tables.md",
    configuration: "configuration.md",
    policies: "policies.md",
    writing: "writing.md",
    hand_written_code: "hand-written-code.md",
    schemas: "schemas.md",
    hooks_and_plugins: "hooks-and-plugins.md",
    clients: "clients.md",
    operation: "operation.md",
    limits: "limits.md",
    databases: "databases.md",
    speed: "speed.md",
    code_map: "code-map.md",
}
