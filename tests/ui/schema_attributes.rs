use runtime::RegisteredSchema;

#[derive(RegisteredSchema)]
struct NoName;

#[derive(RegisteredSchema)]
#[schema(name = "a b")]
struct BadName;

#[derive(RegisteredSchema)]
#[schema(name = "ok", version = "1.0", settings(max_page_size = "many", requre_authentication = true, enable_caching = 1))]
struct ManyErrors;

#[derive(RegisteredSchema)]
#[schema(name = "ok", verison = "1.0.0")]
struct Misspelt;

#[derive(RegisteredSchema)]
#[schema(name = 5)]
struct NotAText;

#[derive(RegisteredSchema)]
#[schema(name = "ok", apps(users))]
struct NotTexts;

#[derive(RegisteredSchema)]
#[schema(name = "ok")]
struct Generic<T>(T);

fn main() {}
