//! A short load run: the same checks within seconds.

use std::process::Command;

#[test]
fn the_shop_stands_load_and_the_loss_of_its_database_and_attacks() {
    let output = Command::new(env!("CARGO_BIN_EXE_load"))
        .args(["--seconds", "6", "--connections", "32"])
        .output();
    let output = output.expect("the program");
    let text = String::from_utf8_lossy(&output.stdout);
    eprintln!("{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
    if !text.contains("SKIPPED") {
        assert_eq!(text.matches("the books balance").count(), 3);
    }
}
