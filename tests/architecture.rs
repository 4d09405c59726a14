//! The shape of the source, checked as text: who may import whom, how long a file may be, what every file opens with.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines that no file may exceed, and that nine files in ten stay under.
const LONGEST_FILE: usize = 600;
const USUAL_FILE: usize = 400;
const FAMILIES: [&str; 5] = ["care", "platform", "assistant", "rooms", "omnichannel"];

struct Source {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if path.is_dir() {
            if !["target", "node_modules", "data", ".git"].contains(&name.as_str()) {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            found.push(Source { path, text });
        }
    }
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root(), &mut found);
    assert!(found.len() > 100, "the tree was found");
    found
}

/// Sources below `prefix` whose code (not comments) contains one of `words`.
fn naming<'a>(sources: &'a [Source], prefix: &str, words: &[&str]) -> Vec<&'a str> {
    let below = sources.iter().filter(|source| source.path.starts_with(prefix));
    let code = |source: &Source| {
        let lines = source
            .text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    };
    below
        .filter(|source| words.iter().any(|word| code(source).contains(word)))
        .map(|source| source.path.as_str())
        .collect()
}

fn dependencies(manifest: &str) -> String {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let from = text.find("[dependencies]").unwrap();
    let rest = &text[from + "[dependencies]".len()..];
    rest[..rest.find("\n[").unwrap_or(rest.len())].to_owned()
}

#[test]
fn every_file_says_what_lives_in_it() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|source| !source.text.starts_with("//!"))
        .map(|source| source.path)
        .collect();
    assert!(silent.is_empty(), "files that do not open with //!: {silent:?}");
}

#[test]
fn files_stay_short() {
    let mut lengths: Vec<_> = sources()
        .into_iter()
        .map(|source| (source.text.lines().count(), source.path))
        .collect();
    lengths.sort();
    let longest = lengths.last().unwrap();
    assert!(longest.0 <= LONGEST_FILE, "{longest:?}");
    let usual = &lengths[lengths.len() * 9 / 10];
    assert!(usual.0 <= USUAL_FILE, "nine in ten: {usual:?}");
}

#[test]
fn no_module_is_called_after_nothing_in_particular() {
    let vague = [
        "mod.rs",
        "util.rs",
        "utils.rs",
        "helper.rs",
        "helpers.rs",
        "common.rs",
        "misc.rs",
        "manager.rs",
    ];
    let named = |source: &Source| {
        vague
            .iter()
            .any(|name| source.path.ends_with(&format!("/{name}")))
    };
    let found: Vec<_> = sources()
        .into_iter()
        .filter(named)
        .map(|source| source.path)
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_domain_depends_on_no_input_or_output() {
    let named = dependencies("crates/domain/Cargo.toml");
    for other in [
        "switchboard-",
        "tokio",
        "hyper",
        "reqwest",
        "sled",
        "fjall",
        "ractor",
        "warp",
    ] {
        assert!(!named.contains(other), "the domain depends on {other}");
    }
    let sources = sources();
    let outside = [
        "std::fs",
        "std::net",
        "std::env",
        "SystemTime",
        "Instant::now",
        "println!",
    ];
    assert_eq!(
        naming(&sources, "crates/domain/src", &outside),
        Vec::<&str>::new()
    );
}

#[test]
fn the_core_and_the_adapters_depend_on_the_domain_alone() {
    for manifest in [
        "actors/Cargo.toml",
        "crates/store/Cargo.toml",
        "crates/assistant/Cargo.toml",
        "crates/channels/Cargo.toml",
    ] {
        let named = dependencies(manifest);
        let ours: Vec<_> = named
            .lines()
            .filter(|line| line.starts_with("switchboard-"))
            .collect();
        assert_eq!(ours, ["switchboard-domain.workspace = true"], "{manifest}");
    }
}

#[test]
fn only_the_composition_root_and_the_store_commands_name_concrete_engines_and_models() {
    let sources = sources();
    let named = naming(
        &sources,
        "src/",
        &[
            "switchboard_store",
            "switchboard_assistant",
            "switchboard_channels",
        ],
    );
    let elsewhere: Vec<_> = named
        .into_iter()
        .filter(|path| !path.starts_with("src/startup") && !path.starts_with("src/cli"))
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

#[test]
fn imports_go_one_way() {
    let sources = sources();
    assert_eq!(
        naming(
            &sources,
            "src/http",
            &["crate::api", "crate::socket", "crate::startup"]
        ),
        Vec::<&str>::new()
    );
    assert_eq!(
        naming(&sources, "src/socket", &["crate::api", "crate::startup"]),
        Vec::<&str>::new()
    );
    assert_eq!(
        naming(
            &sources,
            "src/api",
            &["crate::startup", "switchboard_actors::session"]
        ),
        Vec::<&str>::new()
    );
}

#[test]
fn a_family_never_imports_another() {
    let sources = sources();
    for family in FAMILIES {
        for folder in ["src/api", "src/socket"] {
            let others = FAMILIES.iter().filter(|other| **other != family);
            let module = folder.replace("src/", "crate::");
            let words: Vec<_> = others
                .flat_map(|other| [format!("{module}::{other}"), format!("super::{other}::")])
                .collect();
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            let found = naming(&sources, &format!("{folder}/{family}"), &words);
            assert!(found.is_empty(), "{family} imports another family: {found:?}");
        }
    }
}

#[test]
fn every_key_of_the_configuration_has_a_comment() {
    let text = fs::read_to_string(root().join("config.toml")).unwrap();
    let lines: Vec<_> = text.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[1].contains(" = ")) {
        assert!(pair[0].starts_with('#'), "no comment before: {}", pair[1]);
    }
}
