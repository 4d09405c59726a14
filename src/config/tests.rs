//! Where a value comes from, and how each mistake is named.

use std::io::Write;

use super::*;

fn load(file: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut written = tempfile::NamedTempFile::new().unwrap();
    written.write_all(file.as_bytes()).unwrap();
    let environment: Vec<_> = environment
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Config::load(Some(written.path()), &environment)
}

fn message(file: &str, environment: &[(&str, &str)]) -> String {
    load(file, environment).unwrap_err().to_string()
}

#[test]
fn the_defaults_are_complete_and_valid() {
    let config = Config::load(None, &[]).unwrap();
    assert_eq!(config.server.listen, ["127.0.0.1:8000".parse().unwrap()]);
    assert_eq!(
        (config.ai.answer_threshold, config.ai.clarify_threshold),
        (0.55, 0.47)
    );
    assert!(
        config.auth.token_secret.is_none() && config.admin_password.is_none() && config.warnings().is_empty()
    );
}

#[test]
fn the_rates_are_those_the_families_promise() {
    let limits = Config::load(None, &[]).unwrap().limits;
    let of = |family| {
        let rates = limits.family(family);
        [rates.account, rates.address].map(|rate| (rate.limit, rate.window.as_secs()))
    };
    assert_eq!(of("care"), [(1000, 60), (100, 60)]);
    assert_eq!(of("platform"), [(100, 60), (100, 60)]);
    assert_eq!(of("assistant"), [(60, 60), (60, 60)]);
    assert_eq!(of("rooms"), [(1000, 3600), (100, 60)]);
    assert_eq!(of("omnichannel"), [(200, 900), (200, 900)]);
}

#[test]
fn every_key_of_the_defaults_has_its_comment() {
    let mut commented = false;
    for line in DEFAULTS.lines() {
        let is_key = line.contains(" = ") && !line.starts_with('#');
        assert!(!is_key || commented, "no comment above: {line}");
        commented = line.starts_with('#');
    }
}

#[test]
fn the_environment_goes_before_the_file_and_the_file_before_the_defaults() {
    let file = "[store]\ncache_mb = 7\nreserve_mb = 8\n[handover]\nmessage = \"one moment\"";
    let config = load(file, &[("SWITCHBOARD_STORE__CACHE_MB", "9")]).unwrap();
    assert_eq!((config.store.cache_mb, config.store.reserve_mb), (9, 8));
    assert_eq!(config.handover.message, "one moment");
}

#[test]
fn a_variable_is_read_as_its_key_asks_for() {
    let environment = [
        (
            "SWITCHBOARD_AUTH__TOKEN_SECRET",
            "0012345678901234567890123456789012",
        ),
        ("SWITCHBOARD_SERVER__LISTEN", r#"["0.0.0.0:1234","[::1]:5678"]"#),
        ("SWITCHBOARD_SERVER__CORS_ORIGINS", r#"["https://shop.example"]"#),
        ("SWITCHBOARD_AI__ANSWER_THRESHOLD", "1"),
        ("SWITCHBOARD_LIMITS__ENABLED", "false"),
        ("SWITCHBOARD_STORE__PATH", "5"),
        ("SWITCHBOARD_HANDOVER__MESSAGE", "[not a list]"),
        ("SWITCHBOARD_ADMIN_PASSWORD", "12345678"),
        ("SWITCHBOARD_SERVICE_HOST", "10.0.0.1"),
        ("HOME", "/root"),
    ];
    let config = load("", &environment).unwrap();
    assert_eq!(
        config.auth.token_secret.unwrap().expose(),
        "0012345678901234567890123456789012"
    );
    assert_eq!(config.server.listen.len(), 2);
    assert!(!config.limits.enabled);
    assert_eq!(config.store.path.to_str(), Some("5"));
    assert_eq!(config.handover.message, "[not a list]");
    assert_eq!(config.admin_password.unwrap().expose(), "12345678");
}

#[test]
fn an_unknown_key_is_named_with_its_origin_and_what_is_known() {
    let text = message("", &[("SWITCHBOARD_STORE__PATHS", "/x")]);
    assert!(
        text.contains("`store.paths`") && text.contains("SWITCHBOARD_STORE__PATHS"),
        "{text}"
    );
    assert!(text.contains("cache_mb, engine, path, reserve_mb"), "{text}");
    assert!(message("[stroe]\npath = \"x\"", &[]).contains("`stroe`"));
    assert!(message("listen = 5", &[]).contains("`listen`"));
    assert!(message("", &[("SWITCHBOARD_A__B__C", "x")]).contains("SWITCHBOARD_A__B__C"));
}

#[test]
fn a_wrong_value_is_named_with_its_origin_and_what_was_expected() {
    for (file, key, expected) in [
        (
            "[store]\ncache_mb = \"much\"",
            "`store.cache_mb`",
            "a whole number",
        ),
        ("[store]\ncache_mb = -1", "`store.cache_mb`", "a whole number"),
        (
            "[store]\nengine = \"redis\"",
            "`store.engine`",
            "\"sled\", \"fjall\"",
        ),
        ("[server]\nlisten = \"127.0.0.1:1\"", "`server.listen`", "a list"),
        (
            "[server]\nlisten = [\"nowhere\"]",
            "`server.listen`",
            "IP addresses with ports",
        ),
        ("[server]\nlisten = []", "`server.listen`", "at least one address"),
        (
            "[server]\ntrusted_proxies = [\"x\"]",
            "`server.trusted_proxies`",
            "10.0.0.0/8",
        ),
        (
            "[server]\ncors_origins = [\"shop\"]",
            "`server.cors_origins`",
            "https://shop.example",
        ),
        ("[email]\nimap_port = 70000", "`email.imap_port`", "65535"),
        (
            "[ai]\nanswer_threshold = 1.5",
            "`ai.answer_threshold`",
            "0.0 to 1.0",
        ),
        (
            "[ai]\nclarify_threshold = 0.9",
            "`ai.clarify_threshold`",
            "not above ai.answer_threshold",
        ),
        ("[limits]\nenabled = 1", "`limits.enabled`", "true or false"),
        (
            "[auth]\nissuers = [{ issuer = \"x\" }]",
            "auth.issuers",
            "audience",
        ),
        ("server = 5", "`server`", "a section"),
    ] {
        let text = message(file, &[]);
        assert!(
            text.contains(key) && text.contains(expected) && text.contains("tmp"),
            "{file}: {text}"
        );
    }
    let text = message("", &[("SWITCHBOARD_SERVER__LISTEN", "0.0.0.0:80")]);
    assert!(
        text.contains("SWITCHBOARD_SERVER__LISTEN") && text.contains("JSON"),
        "{text}"
    );
    assert!(message("", &[("SWITCHBOARD_ADMIN_PASSWORD", "short")]).contains("8 to 256"));
}

#[test]
fn an_issuer_is_complete_and_named_once() {
    for (file, key, expected) in [
        (
            "[auth]\nissuers = [{ issuer = \"x\", audience = \"a\", jwks_url = \"/keys\" }]",
            "`auth.issuers`",
            "https://",
        ),
        (
            "[auth]\nissuers = [{ issuer = \"x\", audience = \"a\", jwks_url = \"http://x\" }, \
             { issuer = \"x\", audience = \"b\", jwks_url = \"http://y\" }]",
            "`auth.issuers`",
            "each issuer once",
        ),
    ] {
        let text = message(file, &[]);
        assert!(text.contains(key) && text.contains(expected), "{file}: {text}");
    }
}

#[test]
fn a_calling_code_is_digits_as_they_stand_behind_the_plus() {
    for wrong in ["0049", "", "+1", "1234", "de"] {
        let text = message(&format!("[sms]\ncountry_code = \"{wrong}\""), &[]);
        assert!(
            text.contains("`sms.country_code`") && text.contains("one to three digits"),
            "{text}"
        );
    }
    let config = load("", &[("SWITCHBOARD_SMS__COUNTRY_CODE", "49")]).unwrap();
    assert_eq!(config.sms.country_code, "49");
}

#[test]
fn a_channel_that_is_switched_on_names_each_key_that_it_lacks() {
    for (section, keys) in [
        (
            "whatsapp",
            &["phone_number_id", "access_token", "app_secret", "verify_token"][..],
        ),
        ("sms", &["account_sid", "api_key", "api_token", "sender"]),
    ] {
        let mut file =
            format!("[server]\npublic_url = \"https://hub.example\"\n[{section}]\nenabled = true\n");
        for key in keys {
            let text = message(&file, &[]);
            assert!(text.starts_with(&format!("`{section}.{key}`")), "{text}");
            file += key;
            file += " = \"x\"\n";
        }
        load(&file, &[]).unwrap();
        let without_address = file.replace("https://hub.example", "");
        assert_eq!(
            section == "sms",
            load(&without_address, &[]).is_err_and(|error| error.to_string().contains("`server.public_url`"))
        );
    }
}

#[test]
fn an_email_channel_that_is_on_names_the_key_it_lacks() {
    let on = ("SWITCHBOARD_EMAIL__ENABLED", "true");
    let address = ("SWITCHBOARD_EMAIL__ADDRESS", "support@shop.example");
    let imap = ("SWITCHBOARD_EMAIL__IMAP_HOST", "imap.shop.example");
    let smtp = ("SWITCHBOARD_EMAIL__SMTP_HOST", "smtp.shop.example");
    let whole = [on, address, imap, smtp];
    assert_eq!(load("", &whole).unwrap().email.folders, ["INBOX"]);
    assert!(message("", &[on, imap, smtp]).contains("`email.address`"));
    assert!(message("", &[on, address, smtp]).contains("`email.imap_host`"));
    assert!(message("", &[on, address, imap]).contains("`email.smtp_host`"));
    for (name, value, key) in [
        ("SWITCHBOARD_EMAIL__ADDRESS", "shop", "`email.address`"),
        ("SWITCHBOARD_EMAIL__FOLDERS", "[]", "`email.folders`"),
        ("SWITCHBOARD_EMAIL__POLL_SECONDS", "0", "`email.poll_seconds`"),
        ("SWITCHBOARD_EMAIL__IMAP_PORT", "0", "`email.imap_port`"),
    ] {
        let text = message("", &[on, address, imap, smtp, (name, value)]);
        assert!(text.contains(key) && text.contains(name), "{text}");
    }
    let further = "[email]\nmailboxes = [{ imap_host = \"\", imap_username = \"a\" }]";
    assert!(message(further, &whole).contains("`email.mailboxes`"));
}

#[test]
fn a_mail_login_shows_one_thing_and_certificates_are_some() {
    let whole = "[email]\nenabled = true\naddress = \"a@b.example\"\nimap_host = \"i\"\nsmtp_host = \"s\"\n";
    let own = tempfile::NamedTempFile::new().unwrap();
    let empty = format!("certificates = {:?}", own.path());
    for (line, key) in [
        (
            "imap_password = \"p\"\nimap_token_file = \"/t\"",
            "`email.imap_token_file`",
        ),
        (
            "smtp_username = \"u\"\nsmtp_password = \"p\"\nsmtp_token_file = \"/t\"",
            "`email.smtp_token_file`",
        ),
        ("smtp_token_file = \"/t\"", "`email.smtp_username`"),
        ("certificates = \"/no/such/file\"", "`email.certificates`"),
        (empty.as_str(), "`email.certificates`"),
    ] {
        let text = message(&format!("{whole}{line}"), &[]);
        assert!(text.contains(key), "{text}");
    }
    assert!(load(&format!("{whole}imap_token_file = \"/t\""), &[]).is_ok());
}

#[test]
fn a_provider_needs_an_address_and_a_model_but_no_key() {
    let provider = ("SWITCHBOARD_AI__PROVIDER", "openai");
    let local = ("SWITCHBOARD_AI__BASE_URL", "http://127.0.0.1:11434/v1");
    assert!(load("", &[provider, local]).unwrap().ai.api_key.is_none());
    for (name, value, key) in [
        ("SWITCHBOARD_AI__BASE_URL", "localhost", "ai.base_url"),
        ("SWITCHBOARD_AI__BASE_URL", "ftp://ai.example/v1", "ai.base_url"),
        ("SWITCHBOARD_AI__MODEL", " ", "ai.model"),
        (
            "SWITCHBOARD_PRICES__CHAT_INPUT_PER_1K",
            "-1",
            "prices.chat_input_per_1k",
        ),
        ("SWITCHBOARD_PRICES__CURRENCY", "", "prices.currency"),
    ] {
        let text = message("", &[provider, (name, value)]);
        assert!(text.contains(key), "{name}: {text}");
    }
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_named() {
    let missing = Config::load(Some(Path::new("/nowhere/hub.toml")), &[])
        .unwrap_err()
        .to_string();
    assert!(missing.starts_with("/nowhere/hub.toml: "), "{missing}");
    assert!(message("[server", &[]).contains("no TOML"));
}

#[test]
fn no_secret_is_shown() {
    let secret = "a-secret-of-the-operator-a-secret-of-the-operator";
    let config = load(
        "",
        &[
            ("SWITCHBOARD_AUTH__TOKEN_SECRET", secret),
            ("SWITCHBOARD_SMS__API_KEY", secret),
        ],
    )
    .unwrap();
    assert!(!format!("{config:?}").contains("operator"));
    assert!(!message(&format!("[auth]\ntoken_ttl_seconds = \"{secret}\""), &[]).contains("operator"));
}
