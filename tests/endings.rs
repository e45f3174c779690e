//! How the console ends, and what a terminal can do to it on the way: the real program in a pseudo-terminal. In every
//! ending it is gone by itself, the terminal is as it was, keys nobody read are thrown away, and a card that was being
//! typed is wiped: the process stands still behind the wipe and is searched from outside.
//!
//! Nothing here measures time; how long an ending takes is a figure of `benches/console.rs`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't set itself up has failed")]

#[path = "support/local.rs"]
mod local;
#[path = "support/process.rs"]
mod process;
#[path = "support/pty.rs"]
mod pty;

use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use local::{Local, number_ending};
use pty::{Console, Start};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags};

const NOTES: &str = "알아 둘 것";
const FOOTER: &str = "F1 도움말";
const FULL: &str = "다 채웠습니다";
const QUESTION: &str = "Enter 결제";
const SMALL: &str = "화면이 작습니다";
const LEAVE: &str = "끝낼까요?";

const F1: &str = "\x1bOP";
const F3: &str = "\x1bOR";
const F12: &str = "\x1b[24~";
const CTRL_C: &str = "\x03";
const CLEAR_FIELD: &str = "\x15";
/// What the next program must not get.
const UNREAD: &str = "4242\r";

/// A named pipe: the program under test says something once, and is waited for without looking again and again.
struct Mark {
    path: PathBuf,
    pipe: OwnedFd,
}

impl Mark {
    fn new(folder: &Path, name: &str) -> Self {
        let path = folder.join(name);
        rustix::fs::mknodat(rustix::fs::CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        // Open for both, so that neither side waits for the other to open it.
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let pipe = rustix::fs::open(&path, flags, Mode::empty()).unwrap();
        Self { path, pipe }
    }

    fn path(&self) -> String {
        self.path.display().to_string()
    }

    /// The line that was said.
    fn wait(&self) -> String {
        let never = Timespec { tv_sec: 60, tv_nsec: 0 };
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            let ready = poll(&mut [PollFd::new(&self.pipe, PollFlags::IN)], Some(&never)).unwrap();
            assert_eq!(ready, 1, "{}: nothing was said", self.path.display());
            let mut byte = [0];
            rustix::io::read(&self.pipe, &mut byte).unwrap();
            line.extend_from_slice(&byte);
        }
        String::from_utf8(line).unwrap().trim_end().to_owned()
    }
}

/// A configuration that is enough for the form; nothing is sent.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let config = r#"default_profile = "main"
[ledger]
path = "ledger.db"
[profiles.main]
api = "v2"
order_name = "정수기 렌탈"
base_url = "http://127.0.0.1:1"
store_id = "store-1"
api_secret = "secret-of-the-endings"
default_channel = "kcp"
[profiles.main.channels.kcp]
key = "channel-key-1"
pg = "KCP_V2"
mode = "test"
[profiles.main.channels.ksnet]
key = "channel-key-2"
pg = "KSNET"
mode = "test"
product_type = "physical"
"#;
        std::fs::write(desk.config(), config).unwrap();
        std::fs::set_permissions(desk.config(), std::fs::Permissions::from_mode(0o600)).unwrap();
        desk
    }

    fn config(&self) -> PathBuf {
        self.0.path().join("config.toml")
    }

    fn start(&self, env: Vec<(&'static str, String)>) -> Console {
        let config = self.config();
        let mut console = Console::start(&Start { env, near: true, ..Start::config(&config) });
        console.wait_for(FOOTER);
        // What should be known of the channel comes a moment later; read, it is out of the way.
        console.wait_for(NOTES);
        console.send("\x1b");
        console.wait_gone(NOTES);
        console
    }

    fn console(&self) -> Console {
        self.start(Vec::new())
    }
}

/// A number that nothing else in a process looks like: memory is full of zeros and of small numbers in a row, and
/// the first six and the last four digits may be kept side by side.
fn rare_number() -> String {
    let rare = |number: &String| {
        let digits = number.as_bytes();
        let varied = |window: &[u8]| window.iter().collect::<std::collections::BTreeSet<_>>().len() >= 6;
        digits.windows(8).all(varied) && digits[6..8] != digits[12..14]
    };
    std::iter::repeat_with(|| number_ending("7413")).find(rare).unwrap()
}

/// Types an amount and a card without its password digits; the whole number is in the vault then.
fn type_card(console: &mut Console) -> Vec<String> {
    let number = rare_number();
    console.send(&format!("38000\r{number}"));
    console.send("1231");
    console.wait_until("the card, masked", |screen| screen.contains("**/**") && screen.contains("7413"));
    vec![number]
}

/// The private modes that are on after these bytes and are off on a fresh terminal, or the other way round.
fn modes_left(bytes: &[u8]) -> Vec<String> {
    let mut modes = std::collections::BTreeMap::new();
    for part in String::from_utf8_lossy(bytes).split("\x1b[?").skip(1) {
        let mode: String = part.chars().take_while(char::is_ascii_digit).collect();
        match part[mode.len()..].chars().next() {
            Some('h') => modes.insert(mode, true),
            Some('l') => modes.insert(mode, false),
            other => panic!("neither set nor unset: ?{mode}{other:?}"),
        };
    }
    assert!(modes.contains_key("1049") && modes.contains_key("2004"), "nothing was ever set: {modes:?}");
    // Only the cursor is on from the start.
    modes.into_iter().filter(|(mode, on)| *on != (mode == "25")).map(|(mode, _)| mode).collect()
}

/// The process stands still behind the wipe: nothing of the card is left in it. It goes on afterwards.
fn assert_wiped(mark: &Mark, secrets: &[String]) {
    let process = mark.wait().parse().unwrap();
    process::wait_still(process);
    let found = process::search(process, secrets);
    assert!(found.is_empty(), "{found:#?}");
}

fn assert_terminal_as_before(console: &mut Console) {
    assert_eq!(console.attributes_left(), Vec::<String>::new(), "attributes");
    assert_eq!(console.keys_left(), b"", "keys nobody read reach the next program");
    assert_eq!(modes_left(&console.raw_to_the_end()), Vec::<String>::new(), "modes left on");
}

/// Ends a console in the middle of a card by a signal.
fn ends_by(signal: i32) {
    let desk = Desk::new();
    let stopped = Mark::new(desk.0.path(), "stopped");
    let mut console = desk.start(vec![("DANMAL_DEBUG_PAUSE_BEFORE_EXIT", stopped.path())]);
    let secrets = type_card(&mut console);
    assert!(!process::search(console.pid(), &secrets).is_empty(), "the search is blind");
    // Keys and signal are both there when it wakes, and the signal goes first.
    process::stop(console.pid());
    console.send(UNREAD);
    console.wait_unread(UNREAD.len() as u64);
    console.signal(signal);
    process::go_on(console.pid());
    assert_wiped(&stopped, &secrets);
    assert_eq!(console.wait_exit(), 0);
    assert_terminal_as_before(&mut console);
}

#[test]
fn terminate() {
    ends_by(libc::SIGTERM);
}

#[test]
fn hang_up() {
    ends_by(libc::SIGHUP);
}

#[test]
fn interrupt() {
    ends_by(libc::SIGINT);
}

#[test]
fn quit() {
    ends_by(libc::SIGQUIT);
}

#[test]
fn the_terminal_is_closed() {
    let desk = Desk::new();
    let stopped = Mark::new(desk.0.path(), "stopped");
    let mut console = desk.start(vec![("DANMAL_DEBUG_PAUSE_BEFORE_EXIT", stopped.path())]);
    let secrets = type_card(&mut console);
    console.hang_up();
    assert_wiped(&stopped, &secrets);
    assert_eq!(console.wait_exit(), 0);
}

#[test]
fn the_terminal_is_closed_and_no_signal_comes() {
    let desk = Desk::new();
    let (stopped, ended) = (Mark::new(desk.0.path(), "stopped"), Mark::new(desk.0.path(), "ended"));
    // The shell leads the session and outlives the hang-up. The sleeper is in the console's own process group and
    // dies of a hang-up signal: if it lives on, none was sent to the console either.
    let script =
        r#"trap : HUP; sleep 600 & "$@"; code=$?; kill -0 $! && echo "$code, no signal" >"$ENDED"; kill $!"#;
    let config = desk.config().display().to_string();
    let args = ["-c", script, "leader", env!("CARGO_BIN_EXE_danmal"), "--config", &config];
    let mut leader = Console::start_program(
        Path::new("/bin/sh"),
        &Start {
            args: args.map(str::to_owned).to_vec(),
            env: vec![("DANMAL_DEBUG_PAUSE_BEFORE_EXIT", stopped.path()), ("ENDED", ended.path())],
            ..Start::default()
        },
    );
    leader.wait_for(FOOTER);
    let secrets = type_card(&mut leader);
    leader.hang_up();
    assert_wiped(&stopped, &secrets);
    assert_eq!(ended.wait(), "0, no signal");
}

/// Has a key read that changes the screen: a frame is under way when this comes back, or will be before the
/// console waits again.
fn press(console: &mut Console, key: &str) {
    process::stop(console.pid());
    console.send(key);
    console.wait_unread(key.len() as u64);
    process::go_on(console.pid());
    console.wait_unread(0);
}

#[test]
fn a_signal_while_the_line_has_stalled() {
    let desk = Desk::new();
    let stopped = Mark::new(desk.0.path(), "stopped");
    let mut console = desk.start(vec![("DANMAL_DEBUG_PAUSE_BEFORE_EXIT", stopped.path())]);
    let secrets = type_card(&mut console);
    console.stall();
    press(&mut console, F1);
    console.signal(libc::SIGTERM);
    assert_wiped(&stopped, &secrets);
    assert_eq!(console.wait_exit(), 0);
    // What is written to it is lost; its attributes are not.
    assert_eq!(console.attributes_left(), Vec::<String>::new());
}

#[test]
fn a_line_that_has_stalled_shows_what_was_typed_when_it_moves_again() {
    let desk = Desk::new();
    let mut console = desk.console();
    console.stall();
    for key in ["3", "8", "0", "0", "0", "\t", F1] {
        press(&mut console, key);
    }
    console.stall_is_over();
    console.wait_for("Esc 닫기");
    console.send(F1);
    let screen = console.wait_gone("Esc 닫기");
    assert!(screen.contains("38,000원"), "{screen}");
}

#[test]
fn a_panic_on_the_thread_of_the_screen() {
    let desk = Desk::new();
    let (stopped, taken) = (Mark::new(desk.0.path(), "stopped"), Mark::new(desk.0.path(), "taken"));
    let mut console = desk.start(vec![
        ("DANMAL_DEBUG_PAUSE_BEFORE_EXIT", stopped.path()),
        ("DANMAL_DEBUG_PANIC_ON_KEY", taken.path()),
    ]);
    let secrets = type_card(&mut console);
    console.send(F12);
    taken.wait();
    console.send(UNREAD);
    assert_wiped(&stopped, &secrets);
    assert_eq!(console.wait_exit(), 101);
    assert_terminal_as_before(&mut console);
    let raw = String::from_utf8(console.raw_to_the_end()).unwrap();
    let (screen, said) = raw.rsplit_once("\x1b[?1049l").unwrap();
    // On the ordinary screen, where it can be read; the payload of the panic is not repeated.
    assert!(said.contains("The card was wiped") && !said.contains("asked to"), "{said}");
    assert!(!screen.contains("The card was wiped"), "{screen}");
}

#[test]
fn leaving_is_an_ending_too() {
    let desk = Desk::new();
    let stopped = Mark::new(desk.0.path(), "stopped");
    let mut console = desk.start(vec![("DANMAL_DEBUG_PAUSE_BEFORE_EXIT", stopped.path())]);
    let secrets = type_card(&mut console);
    console.send(CTRL_C);
    console.wait_for(LEAVE);
    console.send("\r");
    assert_wiped(&stopped, &secrets);
    assert_eq!(console.wait_exit(), 0);
    assert_terminal_as_before(&mut console);
}

#[test]
fn ctrl_c_asks_before_it_throws_something_away() {
    let desk = Desk::new();
    let mut console = desk.console();
    console.send("38000");
    console.wait_for("38000");
    console.send(CTRL_C);
    console.wait_for(LEAVE);
    console.send("\x1b");
    assert!(console.wait_gone(LEAVE).contains("38000"), "the answer no keeps what was typed");
    console.send(CLEAR_FIELD);
    console.wait_gone("38000");
    // Nothing is typed any more: nothing to ask.
    console.send(CTRL_C);
    assert_eq!(console.wait_exit(), 0);
    assert_terminal_as_before(&mut console);
}

#[test]
fn a_storm_of_sizes_ends_at_the_last_one() {
    let desk = Desk::new();
    let storm = desk.console();
    for step in 0..50 {
        storm.resize(81 + step % 37, 25 + step % 11);
    }
    storm.resize(100, 30);
    let config = desk.config();
    let calm = Console::start(&Start { size: (100, 30), ..Start::config(&config) });
    // The clock may turn in between; everything else is the same.
    let timeless = |screen: &str| {
        let digit = |ch: char| if ch.is_ascii_digit() { '0' } else { ch };
        screen
            .lines()
            .next()
            .map(|first| first.chars().map(digit).collect::<String>())
            .into_iter()
            .chain(screen.lines().skip(1).map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let wanted = timeless(&calm.wait_for(FOOTER));
    assert_eq!(wanted.len(), 30, "{wanted:#?}");
    storm.wait_until("the screen of 100x30", |screen| timeless(screen) == wanted);
    assert_eq!(storm.wait_cursor(), calm.wait_cursor());
}

#[test]
fn an_arrow_whose_bytes_come_one_by_one_is_an_arrow() {
    let desk = Desk::new();
    let mut console = desk.console();
    let amount = console.wait_cursor();
    // Esc is waited for 30 ms; on a busy machine this test may be later than that. One of many is in time, and a
    // console that does not join them never moves.
    for _ in 0..200 {
        process::stop(console.pid());
        console.send("\x1b");
        console.wait_unread(1);
        process::go_on(console.pid());
        console.wait_unread(0);
        // It was read alone. It is not a key yet.
        console.send("[B");
        // Something that is answered in any case: the question for the channel, and back.
        console.send(F3);
        console.wait_for("채널 고르기");
        console.send("\x1b");
        console.wait_gone("채널 고르기");
        if console.wait_cursor().0 > amount.0 {
            let screen = console.screen();
            assert!(!screen.contains("[B"), "{screen}");
            return;
        }
        console.send(CLEAR_FIELD);
        console.wait_gone("[B");
    }
    panic!("never an arrow:\n{}", console.screen());
}

#[test]
fn a_paste_with_line_ends_never_submits() {
    let desk = Desk::new();
    let mut console = desk.console();
    console.paste("38000\r\n");
    console.wait_for("38000");
    // F1 is answered after everything before it.
    let sync = |console: &mut Console| {
        console.send(F1);
        console.wait_for("Esc 닫기");
        console.send(F1);
        console.wait_gone("Esc 닫기")
    };
    sync(&mut console);
    let at_amount = console.wait_cursor();
    console.paste("\r\n\n\r");
    sync(&mut console);
    assert_eq!(console.wait_cursor(), at_amount, "a line end in a paste is no Enter");
    console.send(&format!("\r{}", number_ending("7413")));
    console.send("1231880214");
    console.paste("12\r\n");
    console.wait_for(FULL);
    console.paste("\n");
    let screen = sync(&mut console);
    assert!(screen.contains(FULL) && !screen.contains(QUESTION), "{screen}");
    // What a paste may not, the key may.
    console.send("\r");
    console.wait_for(QUESTION);
}

#[test]
fn letters_work_with_the_hangul_keyboard_on() {
    let local = Local::start(&[]);
    let mut console = Console::start(&Start::config(&local.config("v2", "ko")));
    console.wait_for(FOOTER);
    console.send(&format!("38000\r{}122988021412", number_ending("5300")));
    console.wait_for(FULL);
    console.send("\r");
    console.wait_for("Enter 결제   Esc 취소");
    console.send("\r");
    console.wait_for("승인되었습니다");
    // The keys of c, then of n: copies the approval number, then begins anew. The copy is written before the
    // form is drawn.
    console.send("ㅊ");
    console.send("ㅜ");
    console.wait_for("Enter: 다음 빈 칸으로");
    let raw = String::from_utf8(console.raw()).unwrap();
    assert!(raw.contains("\x1b]52;c;"), "nothing was sent to the clipboard");
    // And in a list: the key of j.
    console.send(F1);
    let top = console.wait_for("Esc 닫기");
    console.send("ㅓ");
    console
        .wait_until("the help one line further down", |screen| screen.contains("Esc 닫기") && screen != top);
}

#[test]
fn keys_are_ignored_while_the_window_is_too_small() {
    for (columns, rows) in [(79, 24), (80, 23)] {
        let desk = Desk::new();
        let mut console = desk.console();
        let form = console.screen();
        console.resize(columns, rows);
        console.wait_for(SMALL);
        assert_eq!(console.cursor(), None);
        let keys = format!("38000\r{}\x1b[200~38000\x1b[201~{F1}{CTRL_C}", number_ending("7413"));
        // Unread as long as it stands still, then read, and what is read is dealt with before a new size is.
        process::stop(console.pid());
        console.send(&keys);
        console.wait_unread(keys.len() as u64);
        process::go_on(console.pid());
        console.wait_unread(0);
        console.resize(80, 24);
        let screen = console.wait_for(FOOTER);
        let body =
            |screen: &str| screen.lines().skip(1).map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
        assert_eq!(body(&screen), body(&form));
        // Not merely hidden: a console with something typed would ask.
        console.send(CTRL_C);
        assert_eq!(console.wait_exit(), 0);
    }
}
