//! The macros' compile errors, compared with files.

#[test]
fn wrong_attributes_are_compile_errors_at_the_attribute() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*.rs");
}
