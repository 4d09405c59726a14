//! The words that mail clients put around a quotation, in the languages they are most used in.
//!
//! Looked up line by line while a reply is stripped. Invariant: every check reads a bounded part of its line.

/// Longest line that can be any of these, in bytes.
const LONGEST: usize = 500;

/// How an attribution begins ("On Monday, …"); dates with the year first and names need no word.
const OPENINGS: [&str; 19] = [
    "on ",
    "am ",
    "le ",
    "el ",
    "il ",
    "em ",
    "op ",
    "den ",
    "dne ",
    "dňa ",
    "w dniu ",
    "vào ",
    "pada ",
    "в ",
    "от ",
    "στις ",
    "tarihinde ",
    "在",
    "的",
];

/// The verb that ends an attribution or stands near its end.
const VERBS: [&str; 24] = [
    "wrote",
    "writes",
    "schrieb",
    "a écrit",
    "escribió",
    "ha scritto",
    "escreveu",
    "schreef",
    "skrev",
    "napisał",
    "napsal",
    "napísal",
    "kirjoitti",
    "написал",
    "пишет",
    "пише",
    "yazdı",
    "写道",
    "寫道",
    "のメッセージ",
    "작성",
    "đã viết",
    "menulis",
    "έγραψε",
];

/// What stands between the dashes above an original message.
const ORIGINAL: [&str; 17] = [
    "original message",
    "original appointment",
    "ursprüngliche nachricht",
    "originalnachricht",
    "message d'origine",
    "message original",
    "mensaje original",
    "messaggio originale",
    "mensagem original",
    "oorspronkelijk bericht",
    "ursprungligt meddelande",
    "oprindelig meddelelse",
    "opprinnelig melding",
    "wiadomość oryginalna",
    "исходное сообщение",
    "原始邮件",
    "original-nachricht",
];

/// What stands between the dashes above a message that is passed on.
const FORWARDED: [&str; 9] = [
    "forwarded message",
    "weitergeleitete nachricht",
    "message transféré",
    "mensaje reenviado",
    "messaggio inoltrato",
    "mensagem encaminhada",
    "doorgestuurd bericht",
    "vidarebefordrat meddelande",
    "пересылаемое сообщение",
];

/// What telephones and programs put below a mail.
const MOBILE: [&str; 24] = [
    "sent from my ",
    "sent from mail for",
    "sent from outlook",
    "sent from yahoo",
    "sent from samsung",
    "sent from proton",
    "sent via ",
    "sent with proton",
    "get outlook for",
    "von meinem ",
    "gesendet von ",
    "gesendet mit ",
    "envoyé de mon ",
    "envoyé depuis ",
    "enviado desde mi ",
    "enviado do meu ",
    "inviato da ",
    "verstuurd vanaf ",
    "verzonden vanaf ",
    "skickat från ",
    "sendt fra ",
    "wysłane z ",
    "отправлено с ",
    "lähetetty ",
];

const FROM: [&str; 16] = [
    "from",
    "von",
    "de",
    "da",
    "van",
    "från",
    "fra",
    "od",
    "от",
    "lähettäjä",
    "kimden",
    "expéditeur",
    "mittente",
    "发件人",
    "寄件者",
    "差出人",
];
const SENT: [&str; 23] = [
    "sent",
    "date",
    "gesendet",
    "datum",
    "envoyé",
    "fecha",
    "enviado",
    "enviada em",
    "enviado el",
    "enviado em",
    "data",
    "inviato",
    "verzonden",
    "skickat",
    "sendt",
    "dato",
    "wysłano",
    "odesláno",
    "дата",
    "отправлено",
    "发送时间",
    "日期",
    "送信日時",
];
const TO: [&str; 16] = [
    "to",
    "an",
    "à",
    "para",
    "a",
    "aan",
    "till",
    "til",
    "do",
    "komu",
    "кому",
    "vastaanottaja",
    "kime",
    "收件人",
    "收件者",
    "宛先",
];
const SUBJECT: [&str; 16] = [
    "subject",
    "betreff",
    "objet",
    "asunto",
    "assunto",
    "oggetto",
    "onderwerp",
    "ämne",
    "emne",
    "temat",
    "předmět",
    "тема",
    "aihe",
    "konu",
    "主题",
    "件名",
];

/// A line of dashes with words between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// Below it is what the mail answers.
    Original,
    /// Below it is what the mail passes on.
    Forwarded,
}

/// A line of a copied header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    From,
    Sent,
    To,
    Subject,
}

pub(super) fn separator(line: &str) -> Option<Separator> {
    let line = line.trim();
    if line.len() > LONGEST || !line.starts_with("--") {
        return None;
    }
    let words = line.trim_matches('-').trim().to_lowercase();
    let words = words.replace('’', "'");
    if ORIGINAL.contains(&words.as_str()) {
        return Some(Separator::Original);
    }
    FORWARDED
        .contains(&words.as_str())
        .then_some(Separator::Forwarded)
}

pub(super) fn opens_attribution(line: &str) -> bool {
    if line.len() > LONGEST {
        return false;
    }
    let line = line.trim_start_matches(['-', ' ']).to_lowercase();
    let is_dated = line.starts_with(|c: char| c.is_ascii_digit());
    is_dated || OPENINGS.iter().any(|opening| line.starts_with(opening))
}

pub(super) fn closes_attribution(text: &str) -> bool {
    let text = text.to_lowercase();
    let named = text.trim_end().trim_end_matches([':', '：', ' ']).ends_with('>');
    VERBS.iter().any(|verb| text.contains(verb)) || (named && text.contains('@'))
}

/// Whether there is an address or a time of day in an attribution.
pub(super) fn names_somebody(text: &str) -> bool {
    let is_time = |window: &[u8; 3]| matches!(window, [before, b':', after] if before.is_ascii_digit() && after.is_ascii_digit());
    text.contains('@') || text.as_bytes().array_windows().any(is_time)
}

pub(super) fn header_field(line: &str) -> Option<Field> {
    let line = line.trim_start_matches(['*', ' ']);
    let end = line
        .char_indices()
        .take(24)
        .find(|(_, c)| matches!(c, ':' | '：'))
        .map(|(at, _)| at)?;
    let label = line.get(..end)?.trim_matches(['*', ' ', '\u{a0}']).to_lowercase();
    let tables = [
        (&FROM[..], Field::From),
        (&SENT, Field::Sent),
        (&TO, Field::To),
        (&SUBJECT, Field::Subject),
    ];
    tables
        .into_iter()
        .find(|(labels, _)| labels.contains(&label.as_str()))
        .map(|(_, field)| field)
}

pub(super) fn is_mobile_signature(line: &str) -> bool {
    let line = line.trim();
    line.len() <= 120 && {
        let line = line.to_lowercase();
        MOBILE.iter().any(|opening| line.starts_with(opening))
    }
}

/// A line of underscores or dashes, as it stands above a quotation.
pub(super) fn is_ornament(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 5 && line.bytes().all(|byte| matches!(byte, b'_' | b'-' | b'='))
}
