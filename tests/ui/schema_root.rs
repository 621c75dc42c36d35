use runtime::RegisteredSchema;

#[derive(Default)]
struct NoRoot;

#[derive(RegisteredSchema)]
#[schema(name = "ok", query(NoRoot))]
struct Schema;

fn main() {}
