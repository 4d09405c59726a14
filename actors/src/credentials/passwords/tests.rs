//! Hashes, and the pool that bounds them.

use super::*;

const CHEAP: HashCost = HashCost {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};

#[derive(Debug)]
struct Nines;

impl Random for Nines {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(9);
    }
}

fn pool(workers: usize, queue: usize) -> Arc<Passwords> {
    Arc::new(Passwords::new(CHEAP, workers, queue, Arc::new(Nines)).expect("a pool"))
}

async fn matches(pool: &Passwords, password: &str, hash: Option<String>) -> bool {
    let turn = pool.turn().await.expect("a turn");
    pool.verify(turn, password, hash).await.expect("an answer").0
}

#[tokio::test]
async fn a_password_matches_its_own_hash_and_no_other() {
    let pool = pool(1, 0);
    let hash = pool.hash("correct horse").await.expect("a hash");
    assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
    assert!(matches(&pool, "correct horse", Some(hash.clone())).await);
    assert!(!matches(&pool, "correct horsf", Some(hash)).await);
}

#[test]
fn the_default_cost_is_19_mib_two_passes_one_lane() {
    let pool = Passwords::new(HashCost::default(), 1, 0, Arc::new(Nines)).expect("a pool");
    assert!(pool.decoy.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test]
async fn an_unknown_account_is_verified_at_the_cost_of_a_known_one() {
    let pool = pool(1, 0);
    let hash = pool.hash("correct horse").await.expect("a hash");
    let cost = |phc: &str| {
        let parsed = PasswordHash::new(phc).expect("a PHC string");
        let params = Params::try_from(&parsed).expect("argon2 parameters");
        (
            params.m_cost(),
            params.t_cost(),
            params.p_cost(),
            parsed.hash.map(|hash| hash.len()),
        )
    };
    assert_eq!(cost(&pool.decoy), cost(&hash));
    assert!(!matches(&pool, "correct horse", None).await);
}

#[tokio::test]
async fn beyond_the_queue_callers_are_told_to_come_back() {
    let pool = pool(1, 1);
    let working = pool.turn().await.expect("the worker is free");
    let waiting = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move { pool.turn().await.map(drop) }
    });
    while pool.admitted.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(matches!(pool.turn().await, Err(HubError::Overloaded)));
    assert!(matches!(
        pool.hash("correct horse").await,
        Err(HubError::Overloaded)
    ));
    drop(working);
    assert!(waiting.await.expect("the task ends").is_ok());
    assert!(pool.turn().await.is_ok());
}

#[test]
fn passwords_have_8_to_256_characters() {
    for (length, fits) in [(7, false), (8, true), (256, true), (257, false)] {
        assert_eq!(check_password(&"ü".repeat(length)).is_ok(), fits, "{length}");
    }
}
