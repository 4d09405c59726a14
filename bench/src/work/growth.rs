//! What grows with the messages stored: pages, reports, memory, disk, start.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::task::JoinSet;

use crate::context::{Context, settle};
use crate::http::HttpClient;
use crate::ledger::Ledger;
use crate::report::Figure;
use crate::room::Door;
use crate::samples::{Samples, count, length};
use crate::server::{Ending, Server};
use crate::traffic::{Speech, speak};

/// Messages of each conversation.
const EACH: usize = 1_000;
/// Conversations of the large store: a million messages.
const LARGE: usize = 1_000;
/// Conversations that are filled at once.
const AT_ONCE: usize = 200;
/// Messages of one conversation that may be unanswered.
const WINDOW: usize = 16;
/// Pages fetched in a round.
const PAGES: usize = 5_000;
/// Messages on a page.
const PAGE: usize = 50;
/// Reports fetched in a round.
const REPORTS: usize = 1_000;
/// The reports that are looked at. Each tells of the last 30 days.
const REPORT_PATHS: [(&str, &str); 3] = [
    ("dashboard", "/api/admin/analytics/dashboard"),
    ("report with active customers", "/analytics/conversations"),
    ("report with active rooms", "/api/analytics/overview"),
];
/// How long compactions may go on after the last message.
const REST: Duration = Duration::from_secs(60);

/// What is looked at with few messages and with many.
struct View {
    page: Samples,
    reports: [Option<Samples>; REPORT_PATHS.len()],
}

/// Measures a store of a thousand messages, then of a million.
pub(super) async fn measure(context: &Context) -> Result<Vec<Figure>> {
    let server = context.start().await?;
    let door = Door::of(&server).await?;
    let empty = server.disk_bytes()?;
    let mut sessions = fill(&door, 0, 1).await?;
    let first = sessions.clone();
    let small = view(context, &server, &door, &first).await?;
    let conversations = context.load(LARGE);
    let begun = Instant::now();
    let before = server.cpu_micros()?;
    sessions.extend(fill(&door, 1, conversations).await?);
    let seconds = begun.elapsed().as_secs_f64();
    rest(&server).await?;
    let cpu = count(server.cpu_micros()? - before);
    let filled = length(sessions.len() * EACH);
    let large = view(context, &server, &door, &first).await?;
    let scattered = view(context, &server, &door, &sessions).await?.page;
    let many = label(sessions.len());
    let mut figures = compare(&small, &large, &many);
    let resident = count(server.memory()?.resident) / 1e6;
    let disk = count(server.disk_bytes()? - empty) / filled;
    figures.extend([
        Figure::new(
            format!("page of 50, {many} stored, each of another conversation"),
            "µs CPU",
            scattered,
        ),
        Figure::one("filling, pipelined", "messages/s", filled / seconds),
        Figure::one("filling, compaction included", "µs CPU a message", cpu / filled),
        Figure::one(format!("resident, {many} stored"), "MB", resident).target("≤ 300"),
        Figure::one(format!("disk, {many} stored"), "bytes a message", disk),
    ]);
    figures.extend(restarts(server, &many).await?);
    Ok(figures)
}

/// Conversations `from..until`, each with its messages; their ids.
async fn fill(door: &Door, from: usize, until: usize) -> Result<Vec<String>> {
    let mut sessions = Vec::with_capacity(until - from);
    let mut running = JoinSet::new();
    for number in from..until {
        if running.len() == AT_ONCE
            && let Some(done) = running.join_next().await
        {
            sessions.push(done??);
        }
        running.spawn(fill_one(door.clone(), number as u64));
    }
    while let Some(done) = running.join_next().await {
        sessions.push(done??);
    }
    Ok(sessions)
}

async fn fill_one(door: Door, number: u64) -> Result<String> {
    let mut room = door.open_room().await?;
    drop(room.guest);
    let messages = EACH - 1;
    let mut ledger = Ledger::new(room.newest, messages);
    let speech = Speech {
        messages,
        window: WINDOW,
        seed: number * EACH as u64,
    };
    speak(&mut room.agent, &mut ledger, speech).await?;
    Ok(room.session)
}

/// Waits until the engine has done what it puts off.
async fn rest(server: &Server) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < REST {
        let before = server.cpu_micros()?;
        settle().await;
        if server.cpu_micros()? - before <= 10_000 {
            break;
        }
    }
    Ok(())
}

async fn view(context: &Context, server: &Server, door: &Door, sessions: &[String]) -> Result<View> {
    let mut view = View {
        page: Samples::default(),
        reports: Default::default(),
    };
    let pages: Vec<_> = sessions
        .iter()
        .map(|session| format!("/api/admin/sessions/{session}?limit={PAGE}"))
        .collect();
    for _ in 0..context.rounds() {
        let cost = fetch(server, door, &pages, context.load(PAGES), check_page).await?;
        view.page.push(cost);
        for (report, (_, path)) in view.reports.iter_mut().zip(REPORT_PATHS) {
            // Not every build has every report.
            let times = context.load(REPORTS);
            if let Ok(cost) = fetch(server, door, &[path.to_owned()], times, |_| true).await {
                report.get_or_insert_default().push(cost);
            }
        }
    }
    Ok(view)
}

/// Microseconds of CPU of each answer, over one kept connection.
async fn fetch(
    server: &Server,
    door: &Door,
    paths: &[String],
    times: usize,
    check: fn(&[u8]) -> bool,
) -> Result<f64> {
    let mut client = HttpClient::connect(door.address()).await?;
    settle().await;
    let before = server.cpu_micros()?;
    for path in paths.iter().cycle().take(times) {
        let answer = client.get(path, Some(door.token())).await?;
        ensure!(
            answer.status == 200 && check(&answer.body),
            "{path}: status {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
    }
    Ok(count(server.cpu_micros()? - before) / length(times))
}

/// A page is full: as many messages as were asked for.
fn check_page(body: &[u8]) -> bool {
    let name = b"\"sequence\":";
    body.windows(name.len()).filter(|window| window == name).count() >= PAGE
}

fn compare(small: &View, large: &View, many: &str) -> Vec<Figure> {
    let mut figures = vec![
        Figure::new("page of 50, 1 k stored", "µs CPU", small.page.clone()).target("≤ 100"),
        Figure::new(format!("page of 50, {many} stored"), "µs CPU", large.page.clone()).target("≤ 100"),
        Figure::new("page of 50, growth", "×", ratio(&small.page, &large.page)).target("≤ 1.2"),
    ];
    let reports = small.reports.iter().zip(&large.reports).zip(REPORT_PATHS);
    for ((small, large), (name, _)) in reports {
        let (Some(small), Some(large)) = (small, large) else {
            continue;
        };
        figures.extend([
            Figure::new(format!("{name}, 1 k stored"), "µs CPU", small.clone()),
            Figure::new(format!("{name}, {many} stored"), "µs CPU", large.clone()),
            Figure::new(format!("{name}, growth"), "×", ratio(small, large)).target("≤ 1.2"),
        ]);
    }
    figures
}

fn ratio(small: &Samples, large: &Samples) -> Samples {
    match (small.median(), large.median()) {
        (Some(small), Some(large)) => Samples::one(large / small),
        _ => Samples::default(),
    }
}

async fn restarts(server: Server, many: &str) -> Result<Vec<Figure>> {
    let killed = server.restart(Ending::Killed).await?;
    let mut figures = started(&killed, many, "SIGKILL")?.to_vec();
    let ended = killed.restart(Ending::Orderly).await?;
    figures.extend(started(&ended, many, "SIGTERM")?);
    let resident = count(ended.memory()?.resident) / 1e6;
    figures.push(Figure::one("resident after that start", "MB", resident));
    Ok(figures)
}

fn started(server: &Server, many: &str, after: &str) -> Result<[Figure; 2]> {
    let cpu = count(server.cpu_micros()?) / 1e3;
    let name = format!("start, {many} stored, after {after}");
    let wall = Figure::one(name.as_str(), "ms", server.started_in().as_secs_f64() * 1e3);
    Ok([
        wall.target("≤ 4000 sled, ≤ 1000 fjall"),
        Figure::one(format!("{name}, CPU"), "ms CPU", cpu),
    ])
}

/// How the table names a number of conversations, by their messages.
fn label(conversations: usize) -> String {
    let thousands = conversations * EACH / 1_000;
    match thousands {
        few if few < 1_000 => format!("{few} k"),
        many => format!("{} M", many / 1_000),
    }
}
