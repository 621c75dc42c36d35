//! Dates and times as text, from the numbers that databases send.

/// Converts days since 1970-01-01 to year, month, day. The algorithm is `civil_from_days` of Howard Hinnant's
/// "chrono-Compatible Low-Level Date Algorithms".
fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    } as u32;

    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Converts year, month, day to days since 1970-01-01; the inverse of `civil_from_days`.
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = i64::from(if month > 2 { month - 3 } else { month + 9 });
    let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn write_two_digits(number: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(&[b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]);
}

/// `2026-01-31`; a year before 0000 or after 9999 has a sign and six digits, as ISO 8601 extends it.
pub(super) fn write_date(days: i64, out: &mut Vec<u8>) {
    let (year, month, day) = civil_from_days(days);
    if (0..=9999).contains(&year) {
        write_two_digits((year / 100) as u32, out);
        write_two_digits((year % 100) as u32, out);
    } else {
        out.push(if year < 0 { b'-' } else { b'+' });
        out.extend_from_slice(format!("{:06}", year.unsigned_abs()).as_bytes());
    }

    out.push(b'-');
    write_two_digits(month, out);
    out.push(b'-');
    write_two_digits(day, out);
}

/// `23:59:59`, with three or six digits of a fraction if there is one.
pub(super) fn write_time(micros: i64, out: &mut Vec<u8>) {
    let seconds = micros / 1_000_000;
    write_two_digits((seconds / 3600) as u32, out);
    out.push(b':');
    write_two_digits((seconds / 60 % 60) as u32, out);
    out.push(b':');
    write_two_digits((seconds % 60) as u32, out);

    let fraction = micros % 1_000_000;
    if fraction % 1000 != 0 {
        out.extend_from_slice(format!(".{fraction:06}").as_bytes());
    } else if fraction != 0 {
        out.extend_from_slice(format!(".{:03}", fraction / 1000).as_bytes());
    }
}

/// `2026-01-31T23:59:59`, from microseconds since 1970-01-01.
pub(super) fn write_timestamp(micros: i64, out: &mut Vec<u8>) {
    const DAY: i64 = 86_400_000_000;
    write_day_and_time(micros.div_euclid(DAY), micros.rem_euclid(DAY), out);
}

/// `2026-01-31T23:59:59`, from days since 1970-01-01 and the microseconds of the day.
pub fn write_day_and_time(days: i64, micros: i64, out: &mut Vec<u8>) {
    write_date(days, out);
    out.push(b'T');
    write_time(micros, out);
}

/// A date that does not exist, with a time if there is one, in the same form as real dates.
pub(super) fn write_invalid_date((year, month, day): (u16, u8, u8), micros: Option<i64>, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{year:04}-{month:02}-{day:02}").as_bytes());
    if let Some(micros) = micros {
        out.push(b'T');
        write_time(micros, out);
    }
}

/// ISO 8601 duration: `P1Y2M3DT4H5M6.5S`, each part with its own sign, `PT0S` for zero.
pub(super) fn write_duration(months: i32, days: i32, micros: i64, out: &mut Vec<u8>) {
    let start = out.len();
    out.push(b'P');

    let part = |number: i64, unit: u8, out: &mut Vec<u8>| {
        if number != 0 {
            out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            out.push(unit);
        }
    };

    part(i64::from(months / 12), b'Y', out);
    part(i64::from(months % 12), b'M', out);
    part(i64::from(days), b'D', out);

    if micros != 0 {
        out.push(b'T');
        part(micros / 3_600_000_000, b'H', out);
        part(micros / 60_000_000 % 60, b'M', out);
        let rest = micros % 60_000_000;
        if rest != 0 {
            let sign = if rest < 0 { "-" } else { "" };
            let (whole, fraction) = (rest.unsigned_abs() / 1_000_000, rest.unsigned_abs() % 1_000_000);
            let text = if fraction == 0 {
                format!("{sign}{whole}S")
            } else {
                format!("{sign}{whole}.{}S", format!("{fraction:06}").trim_end_matches('0'))
            };
            out.extend_from_slice(text.as_bytes());
        }
    }

    if out.len() == start + 1 {
        out.extend_from_slice(b"T0S");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn days_and_dates_are_each_others_reverse() {
        for days in (-800_000..3_000_000).step_by(997) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
            let known = chrono::DateTime::from_timestamp(days * 86_400, 0).unwrap();
            if (0..=9999).contains(&year) {
                assert_eq!(text(|out| write_date(days, out)), known.format("%Y-%m-%d").to_string());
            }
        }
    }

    #[test]
    fn timestamps_before_the_epoch_and_fractions() {
        assert_eq!(text(|out| write_timestamp(-1, out)), "1969-12-31T23:59:59.999999");
        assert_eq!(text(|out| write_timestamp(1_500_000, out)), "1970-01-01T00:00:01.500");
        assert_eq!(text(|out| write_timestamp(0, out)), "1970-01-01T00:00:00");
    }

    #[test]
    fn durations_keep_the_sign_of_each_part() {
        assert_eq!(
            text(|out| write_duration(14, -3, 5_400_500_000, out)),
            "P1Y2M-3DT1H30M0.5S"
        );
        assert_eq!(text(|out| write_duration(0, 0, -1_000_000, out)), "PT-1S");
        assert_eq!(text(|out| write_duration(0, 0, 0, out)), "PT0S");
    }
}
