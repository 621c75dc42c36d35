//! `#[extend]` on what cannot be extended, and methods that are no fields.

struct Row;

#[runtime::extend]
impl Row {
    fn plain(&self) -> i32 {
        1
    }
}

#[runtime::extend(price)]
impl Row {
    #[requires(price)]
    async fn mutable(&mut self) -> i32 {
        1
    }

    #[requires(price)]
    async fn nothing(&self) {}
}

fn main() {}
