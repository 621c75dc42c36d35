//! Numbers in canonical form.

/// Whether a text is a number in canonical form, in which it is printed: `+2`, `02`, ` 2`, `2.0` and `2e0` are not.
pub(super) fn is_exact_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(whole, part)| (whole, Some(part)));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());

    all_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(|fraction| all_digits(fraction) && !fraction.ends_with('0'))
        && text != "-0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        for exact in ["0", "2", "-7", "10", "18446744073709551615", "0.5", "-12.25"] {
            assert!(is_exact_number(exact), "{exact}");
        }
        for other in [
            "", "-", "+2", " 2", "2 ", "02", "-02", "-0", "2.", ".5", "2.0", "2e0", "2_0", "0x2", "\u{662}",
        ] {
            assert!(!is_exact_number(other), "{other}");
        }
    }
}
