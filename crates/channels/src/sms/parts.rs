//! How many short messages a text takes, which is how many the operator charges for.
//!
//! Invariant: the count is exact, pairs that may not be torn apart (an escape and its character, two halves of a
//! character outside the basic plane) included.
//!
//! 3GPP TS 23.038 (the GSM 7-bit alphabet and its extension) and TS 23.040 (concatenation).

/// The GSM 7-bit default alphabet, beside the letters, digits and signs that ASCII has at the same meaning.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// What takes two places, because an escape goes before it.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// How a text travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Short messages it takes; 0 for an empty text.
    pub count: u32,
    /// It has characters outside the GSM alphabet and travels as UCS-2.
    pub is_unicode: bool,
}

/// Counts the short messages that `text` takes: 160 places alone and 153 in a row, or 70 and 67 as UCS-2.
pub fn count(text: &str) -> Parts {
    let septets: Option<Vec<usize>> = text.chars().map(places).collect();
    match septets {
        Some(widths) => Parts {
            count: split(&widths, 160, 153),
            is_unicode: false,
        },
        None => Parts {
            count: split(&text.chars().map(char::len_utf16).collect::<Vec<_>>(), 70, 67),
            is_unicode: true,
        },
    }
}

/// Places that a character takes in the GSM alphabet, if it is in it.
fn places(letter: char) -> Option<usize> {
    if letter.is_ascii_alphanumeric() || BASIC.contains(letter) {
        Some(1)
    } else {
        EXTENDED.contains(letter).then_some(2)
    }
}

fn split(widths: &[usize], alone: usize, in_a_row: usize) -> u32 {
    let total: usize = widths.iter().sum();
    if total <= alone {
        return u32::from(total > 0);
    }
    let (mut parts, mut filled) = (1, 0);
    for width in widths {
        if filled + width > in_a_row {
            parts += 1;
            filled = 0;
        }
        filled += width;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (u32, bool) {
        let Parts { count, is_unicode } = count(text);
        (count, is_unicode)
    }

    #[test]
    fn plain_texts_take_160_alone_and_153_in_a_row() {
        assert_eq!(parts(""), (0, false));
        assert_eq!(parts(&"a".repeat(160)), (1, false));
        assert_eq!(parts(&"a".repeat(161)), (2, false));
        assert_eq!(parts(&"a".repeat(306)), (2, false));
        assert_eq!(parts(&"a".repeat(307)), (3, false));
        assert_eq!(parts("¿Está? £5"), (1, true), "á is not in it");
        assert_eq!(parts("¿Qué? £5 @ ÄÖÜß è"), (1, false));
    }

    #[test]
    fn the_euro_takes_two_places_and_is_not_torn_apart() {
        assert_eq!(parts(&"€".repeat(80)), (1, false));
        assert_eq!(parts(&"€".repeat(81)), (2, false));
        // 76 fit in each part, since half of the 77th would be left over.
        assert_eq!(parts(&"€".repeat(153)), (3, false));
    }

    #[test]
    fn other_alphabets_take_70_alone_and_67_in_a_row() {
        assert_eq!(parts(&"न".repeat(70)), (1, true));
        assert_eq!(parts(&"न".repeat(71)), (2, true));
        assert_eq!(parts(&"😀".repeat(35)), (1, true));
        // 33 fit in each part.
        assert_eq!(parts(&"😀".repeat(67)), (3, true));
    }
}
