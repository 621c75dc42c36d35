//! Documents whose cost is in their form: many of one thing, or one thing that is very long.

use crate::Random;

/// A document of about so many bytes.
pub(super) fn document(random: &mut Random, room: usize) -> String {
    let fill = |part: &str| part.repeat((room / part.len()).max(1));
    match random.below(14) {
        0 => format!("{{__typename {}}}", fill("# nothing\n")),
        1 => format!("{{__typename{}}}", fill(" ,")),
        2 => format!("{{{}}}", fill("__typename ")),
        3 => format!("{{products(limit:1){{id{}}}}}", fill(" @include(if:true)")),
        4 => format!("{{products(search:\"{}\"){{id}}}}", fill("a")),
        5 => format!("{{products(search:\"\"\"{}\"\"\"){{id}}}}", fill("\\\"\"\" ")),
        6 => format!("{{products(search:\"{}\"){{id}}}}", fill("\\u00e9")),
        7 => format!("{{products(filters:{{id:{{in:[{}]}}}}){{id}}}}", fill("1,")),
        8 => format!(
            "query({}){{__typename}}",
            numbered(room, |at| format!("$v{at}:[ID!]=[1]"))
        ),
        9 => format!(
            "{{{}}}",
            numbered(room, |at| format!("products(limit:{}){{id}}", at % 2))
        ),
        10 => numbered(room, |at| format!("query Q{at}{{__typename}}")),
        11 => format!(
            "{{__typename}} {}",
            numbered(room, |at| format!("fragment F{at} on Product{{id}}"))
        ),
        12 => {
            let depth = random.below(12) as usize;
            let inner = format!("{}name{}", "ofType{".repeat(depth), "}".repeat(depth));
            format!("{{__schema{{types{{name fields{{name args{{name type{{{inner}}}}} type{{{inner}}}}}}}}}}}")
        }
        _ => format!("{}{}", "{a".repeat(room / 3), "}".repeat(room / 3)),
    }
}

/// Numbered parts until the room is filled.
fn numbered(room: usize, part: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for at in 0.. {
        text.push_str(&part(at));
        text.push(' ');
        if text.len() >= room {
            break;
        }
    }
    text
}
