//! What is left of the mails of many clients, and how long hostile ones take.

use std::time::{Duration, Instant};

use super::strip;

/// Each client's way to quote, below the same reply.
const QUOTATIONS: [(&str, &str); 27] = [
    (
        "Gmail",
        "On Mon, Jan 15, 2024 at 10:30 AM Support <support@shop.example> wrote:\n\n> Hello,\n> how are you?\n",
    ),
    (
        "Gmail, broken",
        "On Mon, Jan 15, 2024 at 10:30 AM Somebody With A Long Name <\nsupport@shop.example> wrote:\n\n> Hello\n",
    ),
    (
        "Gmail, broken twice",
        "On Mon, Jan 15, 2024 at 10:30 AM\nSomebody With A Long Name\n<support@shop.example> wrote:\n> Hello\n",
    ),
    (
        "Gmail, older",
        "2024-01-15 10:30 GMT+01:00 Support <support@shop.example>:\n\n> Hello\n",
    ),
    (
        "Apple",
        "> On 15 Jan 2024, at 10:30, Support <support@shop.example> wrote:\n> \n> Hello\n",
    ),
    (
        "Apple, outside",
        "On 15 Jan 2024, at 10:30, Support <support@shop.example> wrote:\n\n> Hello\n",
    ),
    (
        "Yahoo",
        "On Monday, January 15, 2024 at 10:30:00 AM GMT+1, Support <s@shop.example> wrote:\n\nHello without marks\n",
    ),
    (
        "Outlook",
        "________________________________\nFrom: Support <support@shop.example>\nSent: Monday, January 15, 2024 10:30 AM\nTo: Ann\nSubject: Order\n\nHello\n",
    ),
    (
        "Outlook, desktop",
        "-----Original Message-----\nFrom: Support\nSent: Monday\nTo: Ann\nSubject: Order\n\nHello\n",
    ),
    (
        "Outlook, bold",
        "*From:* Support\n*Sent:* Monday, January 15\n*To:* Ann\n*Subject:* Order\n\nHello\n",
    ),
    (
        "Outlook, German",
        "Von: Support <s@shop.example>\nGesendet: Montag, 15. Januar 2024 10:30\nAn: Ann\nBetreff: Bestellung\n\nHallo\n",
    ),
    (
        "Outlook, French",
        "De : Support\nEnvoyé : lundi 15 janvier 2024 10:30\nÀ : Ann\nObjet : Commande\n\nBonjour\n",
    ),
    (
        "Outlook, Spanish",
        "De: Support\nEnviado el: lunes, 15 de enero\nPara: Ann\nAsunto: Pedido\n\nHola\n",
    ),
    (
        "Outlook, Chinese",
        "发件人: Support\n发送时间: 2024年1月15日\n收件人: Ann\n主题: 订单\n\n你好\n",
    ),
    ("Thunderbird", "Am 15.01.24 um 10:30 schrieb Support:\n> Hallo\n"),
    (
        "German",
        "Am Mo., 15. Jan. 2024 um 10:30 Uhr schrieb Support <s@shop.example>:\n\n> Hallo\n",
    ),
    (
        "German dashes",
        "-----Ursprüngliche Nachricht-----\nVon: Support\n\nHallo\n",
    ),
    (
        "French",
        "Le lun. 15 janv. 2024 à 10:30, Support <s@shop.example> a écrit :\n\n> Bonjour\n",
    ),
    (
        "Spanish",
        "El lun, 15 ene 2024 a las 10:30, Support (<s@shop.example>) escribió:\n\n> Hola\n",
    ),
    (
        "Italian",
        "Il giorno lun 15 gen 2024 alle ore 10:30 Support <s@shop.example> ha scritto:\n\n> Ciao\n",
    ),
    (
        "Portuguese",
        "Em seg., 15 de jan. de 2024 às 10:30, Support <s@shop.example> escreveu:\n\n> Olá\n",
    ),
    (
        "Dutch",
        "Op ma 15 jan 2024 om 10:30 schreef Support <s@shop.example>:\n\n> Hallo\n",
    ),
    (
        "Swedish",
        "Den mån 15 jan. 2024 kl 10:30 skrev Support <s@shop.example>:\n\n> Hej\n",
    ),
    (
        "Polish",
        "pon., 15 sty 2024 o 10:30 Support <s@shop.example> napisał(a):\n\n> Cześć\n",
    ),
    (
        "Russian",
        "пн, 15 янв. 2024 г. в 10:30, Support <s@shop.example>:\n\n> Привет\n",
    ),
    (
        "Chinese",
        "在 2024年1月15日 10:30，Support <s@shop.example> 写道：\n\n> 你好\n",
    ),
    ("No date", "Support wrote:\n> Hello\n"),
];

#[test]
fn every_clients_quotation_is_taken_off() {
    for (client, quotation) in QUOTATIONS {
        assert_eq!(
            strip(&format!("Thanks, that works.\n\n{quotation}")),
            "Thanks, that works.",
            "{client}"
        );
        let windows = format!("Thanks, that works.\r\n\r\n{}", quotation.replace('\n', "\r\n"));
        assert_eq!(strip(&windows), "Thanks, that works.", "{client}, CRLF");
    }
}

#[test]
fn a_mail_that_is_all_quotation_keeps_its_text() {
    for (client, quotation) in QUOTATIONS {
        assert_eq!(strip(quotation), quotation.trim(), "{client}");
    }
}

#[test]
fn words_that_only_look_like_quotation_stay() {
    let kept = [
        "On the other hand, he wrote:\nnothing at all",
        "From: me\nwith love",
        "On 5 May I wrote:\nPlease send the parts.",
        "On May 5, 2024 your colleague wrote to me:\n\nThe parcel is lost.\n\nIs it?",
        "I have two questions:\n1. when?\n2. why?",
        "On Monday I ordered:\n- 2 shirts\n- 1 hat",
        "- - -\nWhat is this?",
        "Le prix est de 10 euros : trop cher.",
        "See below:\n\nthe error was 3 > 2",
        "Am I right?",
        "To: be or not to be",
    ];
    for text in kept {
        assert_eq!(strip(text), text);
    }
}

#[test]
fn answers_between_and_below_the_quotation_are_kept() {
    let between = "On Mon, Jan 15, 2024 at 10:30 AM A <a@b.example> wrote:\n\n> When?\n\nTomorrow.\n\n> Where?\n\nAt home.\n";
    assert_eq!(strip(between), "Tomorrow.\n\nAt home.");
    assert_eq!(strip("> Does it work?\nYes.\n"), "Yes.");
}

#[test]
fn signatures_are_taken_off() {
    let cases = [
        ("Yes.\n\n-- \nAnn Smith\n555 1234", "Yes."),
        ("Yes.\n--\nAnn", "Yes."),
        ("Yes.\n\nSent from my iPhone", "Yes."),
        (
            "Yes.\n\nGet Outlook for iOS<https://aka.ms/x>\n________________________________\nFrom: A\nSent: B\nTo: C\n",
            "Yes.",
        ),
        (
            "Ja.\n\nVon meinem iPhone gesendet\n\n> Am 15.01.24 um 10:30 schrieb A:\n>\n> Hallo",
            "Ja.",
        ),
        (
            "Oui.\n\nEnvoyé de mon iPad\n\nLe 15 janv. 2024 à 10:30, A <a@b.example> a écrit :\n> Bonjour",
            "Oui.",
        ),
        (
            "Yes -- really.\n-- not a mark\nend",
            "Yes -- really.\n-- not a mark\nend",
        ),
        (
            "Sent from my old address last week, did you get it? I wrote a lot in it and would like to know what became of it, thank you.",
            "Sent from my old address last week, did you get it? I wrote a lot in it and would like to know what became of it, thank you.",
        ),
    ];
    for (text, want) in cases {
        assert_eq!(strip(text), want, "{text:?}");
    }
}

#[test]
fn what_is_passed_on_is_kept() {
    let text = "Please see this.\n\n---------- Forwarded message ---------\nFrom: A\nDate: Mon\nSubject: Order\nTo: B\n\nHello";
    assert_eq!(strip(text), text);
}

#[test]
fn hostile_text_takes_time_in_proportion_to_its_length() {
    let hostile = ["On ", "On 1 wrote\n", "From: a\n", "1 a@b>:\n\n"];
    for piece in hostile {
        let half = piece.repeat((1 << 19) / piece.len());
        let whole = half.repeat(2);
        // Twice the length may take a little more than twice the time, never four times; tiny times are all noise, and a
        // busy machine may hold up one look, and not each of them.
        let is_proportional = || fastest(&whole) < fastest(&half) * 3 + Duration::from_millis(20);
        assert!((0..5).any(|_| is_proportional()), "{piece:?}");
    }
}

fn fastest(text: &str) -> Duration {
    let time = || {
        let begun = Instant::now();
        std::hint::black_box(strip(text));
        begun.elapsed()
    };
    (0..2).map(|_| time()).min().unwrap()
}
