//! Guessing, as seen by the counter of failures.

use std::net::Ipv4Addr;

use super::*;

const LIMIT: u32 = 5;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_750_000_000_000 + seconds * 1000)
}

/// Tries as `name` from a host of one network.
fn attempt(name: &str, host: u8) -> Attempt {
    Attempt::new(name, Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, host))))
}

fn wait(result: &Result<(), HubError>) -> Option<Duration> {
    match result {
        Err(HubError::Throttled(wait)) => Some(*wait),
        _ => None,
    }
}

fn fail(throttle: &Throttle, attempt: &Attempt, times: u32, now: Timestamp) {
    for _ in 0..times {
        throttle.count(attempt, now).expect("within the limit");
    }
}

#[test]
fn a_name_has_its_failures_a_minute_and_then_waits_for_the_rest_of_it() {
    let throttle = Throttle::new(Some(LIMIT));
    let anna = attempt("anna", 1);
    fail(&throttle, &anna, LIMIT, at(0));
    assert_eq!(
        wait(&throttle.check(&anna, at(10))),
        Some(Duration::from_secs(50))
    );
    let elsewhere = attempt("ANNA", 2);
    assert!(
        wait(&throttle.count(&elsewhere, at(10))).is_some(),
        "case and address do not matter"
    );
    assert!(throttle.check(&attempt("bert", 1), at(10)).is_ok());
}

#[test]
fn nobody_is_locked_out_for_longer_than_a_minute() {
    let throttle = Throttle::new(Some(LIMIT));
    let anna = attempt("anna", 1);
    fail(&throttle, &anna, LIMIT, at(0));
    for second in 1..60 {
        assert!(throttle.count(&anna, at(second)).is_err());
    }
    assert!(
        throttle.count(&anna, at(60)).is_ok(),
        "refused attempts are not counted"
    );
}

#[test]
fn success_starts_the_name_afresh_but_not_the_address() {
    let throttle = Throttle::new(Some(LIMIT));
    let anna = attempt("anna", 1);
    for _ in 0..3 {
        fail(&throttle, &anna, LIMIT - 1, at(0));
        throttle.count(&anna, at(0)).expect("within the limit");
        throttle.forgive(&anna);
    }
    // Twelve failures by now: the address has three left.
    let other = attempt("bert", 1);
    fail(&throttle, &other, 3, at(1));
    assert!(throttle.check(&other, at(1)).is_err());
    assert!(throttle.check(&attempt("bert", 2), at(1)).is_ok());
}

#[test]
fn an_address_has_three_times_as_many_over_all_names() {
    let throttle = Throttle::new(Some(LIMIT));
    for n in 0..LIMIT * 3 {
        fail(&throttle, &attempt(&format!("name{n}"), 1), 1, at(0));
    }
    assert!(throttle.check(&attempt("anna", 1), at(1)).is_err());
    assert!(throttle.check(&attempt("anna", 2), at(1)).is_ok());
}

#[test]
fn one_subscriber_is_one_address() {
    let address = |text: &str| Attempt::new("anna", text.parse().ok()).address;
    assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:0:0:9"));
    assert_ne!(address("2001:db8:0:1::1"), address("2001:db8:0:2::1"));
    assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
}

#[test]
fn without_a_limit_nothing_is_counted() {
    let throttle = Throttle::new(None);
    fail(&throttle, &attempt("anna", 1), 1000, at(0));
}

#[test]
fn memory_is_bounded_and_the_oldest_goes_first() {
    let mut windows = Windows::new(1, 100);
    for key in 0..10_000 {
        windows.count(key, at(0));
        assert!(windows.running.len() <= 100 && windows.order.len() <= 100);
    }
    assert!(windows.wait(&9_999, at(1)).is_some());
    assert!(windows.wait(&0, at(1)).is_none());
    for _ in 0..10_000 {
        windows.count(7, at(2));
        windows.clear(&7);
        assert!(windows.order.len() <= 100);
    }
    windows.count(8, at(100));
    assert_eq!(windows.running.len(), 1, "windows that have ended are forgotten");
}
