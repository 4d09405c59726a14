//! Starts that must not succeed, and one that was cut short.

use std::time::Duration;

use crate::process::dice::Dice;
use crate::process::people::Person;
use crate::process::{Folder, PATIENCE};

#[tokio::test]
async fn a_second_hub_on_the_same_folder_says_so_and_the_first_goes_on() {
    for engine in ["sled", "fjall"] {
        let folder = Folder::new(engine);
        let first = folder.start().await;
        let status = folder.launch().ended(PATIENCE).await;
        assert_eq!(status.code(), Some(1));
        let complaint = folder.complaint();
        let folder_name = folder.path().to_str().unwrap();
        let clear = complaint
            .lines()
            .any(|line| line.starts_with("error: ") && line.contains(folder_name));
        assert!(clear, "it names the folder: {complaint}");
        Person::admin(first.address).await;
    }
}

#[tokio::test]
async fn a_wrong_configuration_ends_with_code_2_and_the_key() {
    let wrong = [
        ("store.enigne", "sled", "store.enigne"),
        ("store.engine", "redis", "store.engine"),
        ("server.max_connections", "many", "server.max_connections"),
        ("server.listen", r#"["here"]"#, "server.listen"),
        ("socket.outbox_bytes", "1", "socket.outbox_bytes"),
    ];
    for (key, value, named) in wrong {
        let folder = Folder::new("sled").with(key, value);
        let status = folder.launch().ended(PATIENCE).await;
        assert_eq!(status.code(), Some(2), "{key}");
        assert!(
            folder.complaint().contains(&format!("`{named}`")),
            "{}",
            folder.complaint()
        );
        assert!(!folder.path().exists(), "nothing was begun");
    }
}

#[tokio::test]
async fn an_address_that_is_taken_ends_with_code_1_and_the_address() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = Folder::new("sled").with("server.listen", &format!(r#"["{address}"]"#));
    assert_eq!(folder.launch().ended(PATIENCE).await.code(), Some(1));
    assert!(folder.complaint().contains(&address), "{}", folder.complaint());
}

#[tokio::test]
async fn killed_during_its_first_start_it_starts_again_whole() {
    let mut dice = Dice::new(0x5EED_0003);
    for engine in ["sled", "fjall"] {
        for _ in 0..4 {
            let folder = Folder::new(engine);
            for _ in 0..3 {
                let process = folder.launch();
                tokio::time::sleep(dice.millis(1, 400)).await;
                process.kill();
            }
            let hub = folder.start().await;
            Person::admin(hub.address).await;
        }
    }
}

#[tokio::test]
async fn a_hub_that_was_told_to_stop_while_it_starts_stops() {
    let folder = Folder::new("sled");
    let mut dice = Dice::new(0x5EED_0004);
    for _ in 0..4 {
        let mut process = folder.launch();
        tokio::time::sleep(dice.millis(50, 300)).await;
        process.terminate();
        process.ended(Duration::from_secs(30)).await;
    }
    Person::admin(folder.start().await.address).await;
}
