//! `danmal doctor`: looks at everything the program stands on and says what to mend, one line each.
//!
//! [`diagnose`] is pure and decides; `doctor/gather.rs` looks; [`run`] puts both together. Moves no money, sends
//! no card data, makes no file. Opening the ledger and reaching the API are the caller's ([`Probe`]), since
//! they belong to other modules.

mod channels;
mod facts;
mod gather;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::config::{CredentialProblem, Lang, Language, Network, Profile, is_private, shown, shown_path};

pub use self::channels::{ChannelFact, ChannelNote};
pub use self::facts::{Answer, ConfigFact, Facts, LedgerFact, MachineFact, ReachFact, TerminalFact};

/// What `danmal doctor` takes besides the options that every command has.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Args {
    /// Print JSON instead of lines.
    #[arg(long)]
    pub json: bool,
    /// Do not reach for the API.
    #[arg(long)]
    pub offline: bool,
}

/// The options that every command has, as far as they matter here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// `--config FILE`.
    pub config: Option<&'a Path>,
    /// `--profile NAME`.
    pub profile: Option<&'a str>,
    /// A language that outranks the configuration's.
    pub lang: Option<Lang>,
}

/// What other modules look at for the doctor.
pub trait Probe {
    /// Opens the ledger for reading and closes it again, without making it when it is not there.
    ///
    /// # Errors
    /// Why it can't be opened, for a person.
    fn open_ledger(&self, path: &Path) -> Result<(), String>;

    /// Asks the API of `profile` for something that moves nothing.
    ///
    /// # Errors
    /// Why there was no answer, for a person.
    fn reach(&self, profile: &Profile, network: &Network) -> Result<Answer, String>;
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// As it should be.
    Ok,
    /// Good to know.
    Hint,
    /// Works, but somebody should look.
    Warn,
    /// Does not work, or must not stay so.
    Broken,
}

impl Mark {
    /// The word on screen.
    pub const fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Ok, _) => "OK",
            (Self::Hint, Lang::Ko) => "참고",
            (Self::Hint, Lang::En) => "hint",
            (Self::Warn, Lang::Ko) => "주의",
            (Self::Warn, Lang::En) => "look",
            (Self::Broken, Lang::Ko) => "고침 필요",
            (Self::Broken, Lang::En) => "fix",
        }
    }
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Both {
    ko: String,
    en: String,
}

impl Both {
    fn new(ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ko: ko.into(), en: en.into() }
    }

    /// The text in `lang`.
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ko => &self.ko,
            Lang::En => &self.en,
        }
    }
}

/// One check and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What was looked at; stable, for scripts.
    pub check: &'static str,
    /// How it ended.
    pub mark: Mark,
    /// What was found.
    pub found: Both,
    /// What to do about it; nothing when all is well.
    pub cure: Option<Both>,
}

fn ok(check: &'static str, ko: impl Into<String>, en: impl Into<String>) -> Line {
    Line { check, mark: Mark::Ok, found: Both::new(ko, en), cure: None }
}

fn bad(check: &'static str, mark: Mark, found: Both, cure: Both) -> Line {
    Line { check, mark, found, cure: Some(cure) }
}

/// Everything there is to say about `facts`, in a fixed order.
pub fn diagnose(facts: &Facts) -> Vec<Line> {
    let mut lines = Vec::new();
    config(&facts.config, &mut lines);
    if let Some(fact) = &facts.ledger {
        ledger(fact, &mut lines);
    }
    terminal(&facts.terminal, &mut lines);
    if let Some(fact) = &facts.reach {
        reach(fact, &mut lines);
    }
    machine(&facts.machine, &mut lines);
    lines
}

fn config(fact: &ConfigFact, lines: &mut Vec<Line>) {
    match fact {
        ConfigFact::Wrong(mistakes) => {
            for mistake in mistakes {
                let (ko_cure, ko_found) = mistake.said(Lang::Ko);
                let (en_cure, en_found) = mistake.said(Lang::En);
                let head = mistake.head();
                let found = Both::new(format!("{head}: {ko_found}"), format!("{head}: {en_found}"));
                lines.push(bad("config", Mark::Broken, found, Both::new(ko_cure, en_cure)));
            }
        }
        ConfigFact::Loaded { file, mode, credentials, foreign, lost_ca, channels } => {
            let path = shown_path(file);
            lines.push(ok("config", format!("설정 파일 {path}"), format!("configuration {path}")));
            lines.push(config_mode(&path, *mode));
            for (key, needed, problem) in credentials {
                lines.push(credential(key, *needed, problem.as_ref()));
            }
            for (profile, url) in foreign {
                lines.push(bad(
                    "base_url",
                    Mark::Warn,
                    Both::new(
                        format!("프로필 {profile}이(가) 포트원이 아닌 {url}에 카드 정보를 보냅니다"),
                        format!("profile {profile} sends card data to {url}, which is not PortOne"),
                    ),
                    Both::new("뜻한 것이 아니면 base_url을 지우세요", "take base_url out unless it is meant"),
                ));
            }
            if let Some(ca) = lost_ca {
                let ca = shown_path(ca);
                lines.push(bad(
                    "ca_file",
                    Mark::Broken,
                    Both::new(
                        format!("ca_file {ca} 을(를) 읽을 수 없습니다"),
                        format!("can't read ca_file {ca}"),
                    ),
                    Both::new("경로와 권한을 확인하세요", "check its path and mode"),
                ));
            }
            lines.extend(channels.iter().map(channels::line));
        }
    }
}

fn config_mode(path: &str, mode: u32) -> Line {
    if mode & 0o022 != 0 {
        return bad(
            "config_mode",
            Mark::Broken,
            Both::new(
                format!("권한 {mode:04o}: 다른 사용자가 주소와 채널을 바꿀 수 있습니다"),
                format!("mode {mode:04o}: others can change addresses and channels"),
            ),
            Both::new(format!("chmod 600 {path}"), format!("chmod 600 {path}")),
        );
    }
    let text = format!("{mode:04o}");
    ok("config_mode", format!("설정 파일 권한 {text}"), format!("mode of the configuration {text}"))
}

fn credential(key: &str, needed: bool, problem: Option<&CredentialProblem>) -> Line {
    match problem {
        None => ok("credential", format!("{key} 읽음"), format!("{key} can be read")),
        Some(problem) => bad(
            "credential",
            if needed { Mark::Broken } else { Mark::Warn },
            Both::new(format!("{key} 을(를) 읽을 수 없습니다"), format!("{key} can't be read")),
            Both::new(problem.text(Lang::Ko), problem.text(Lang::En)),
        ),
    }
}

/// Free room below which the journal may stop payments within days, in bytes.
const ROOM_WARN: u64 = 100 << 20;
/// Free room below which it may stop them any moment, in bytes.
const ROOM_BROKEN: u64 = 10 << 20;

fn ledger(fact: &LedgerFact, lines: &mut Vec<Line>) {
    let path = shown_path(&fact.path);
    let folder = shown_path(fact.path.parent().unwrap_or(&fact.path));
    if !fact.folder_writable {
        lines.push(bad(
            "ledger_folder",
            Mark::Broken,
            Both::new(
                format!("{folder} 에 쓸 수 없어 결제를 보낼 수 없습니다"),
                format!("can't write to {folder}, so nothing can be charged"),
            ),
            Both::new(
                "폴더의 소유자와 권한, 읽기 전용 여부를 확인하세요",
                "check its owner, its mode, and whether it is mounted read-only",
            ),
        ));
    } else if let Some(mode) = fact.folder_mode.filter(|mode| mode & 0o022 != 0) {
        lines.push(bad(
            "ledger_folder",
            open_to(mode, 0o002),
            Both::new(
                format!("{folder} 권한 {mode:04o}: 다른 사용자가 거래 기록을 바꿔치기할 수 있습니다"),
                format!("{folder} has mode {mode:04o}: others can replace the ledger"),
            ),
            sharing(&format!("chmod 700 {folder}")),
        ));
    } else if fact.folder_exists {
        lines.push(ok(
            "ledger_folder",
            format!("거래 기록 폴더 {folder}"),
            format!("ledger folder {folder}"),
        ));
    } else {
        lines.push(ok(
            "ledger_folder",
            format!("거래 기록 폴더 {folder} 는 처음 쓸 때 만듭니다"),
            format!("ledger folder {folder} will be made when it is needed"),
        ));
    }
    for (file, mode) in &fact.files {
        let file = shown_path(file);
        lines.push(if is_private(*mode) {
            ok("ledger_mode", format!("{file} 권한 {mode:04o}"), format!("{file} has mode {mode:04o}"))
        } else {
            bad(
                "ledger_mode",
                open_to(*mode, 0o007),
                Both::new(
                    format!("{file} 권한 {mode:04o}: 다른 사용자가 고객 정보를 볼 수 있습니다"),
                    format!("{file} has mode {mode:04o}: others can see customers"),
                ),
                sharing(&format!("chmod 600 {file}")),
            )
        });
    }
    lines.push(room(fact.free_bytes));
    match &fact.opens {
        None => lines.push(ok(
            "ledger",
            format!("거래 기록 {path} 는 첫 거래 때 만듭니다"),
            format!("ledger {path} will be made with the first payment"),
        )),
        Some(Ok(())) => lines.push(ok("ledger", format!("거래 기록 {path}"), format!("ledger {path}"))),
        Some(Err(why)) => lines.push(bad(
            "ledger",
            Mark::Broken,
            Both::new(
                format!("거래 기록 {path} 을(를) 열 수 없습니다: {}", shown(why)),
                format!("the ledger {path} does not open: {}", shown(why)),
            ),
            Both::new(
                "결제를 멈추고 파일을 백업한 뒤 원인을 확인하세요. 지우지 마세요",
                "stop charging, back the file up, then find the cause; do not delete it",
            ),
        )),
    }
}

/// Operators may share a ledger through a group on purpose (docs/deploying.md); nobody shares it with everybody.
const fn open_to(mode: u32, everybody: u32) -> Mark {
    if mode & everybody == 0 { Mark::Warn } else { Mark::Broken }
}

fn sharing(cure: &str) -> Both {
    Both::new(format!("뜻한 공유가 아니면 {cure}"), format!("unless it is shared on purpose: {cure}"))
}

fn room(free: Option<u64>) -> Line {
    let Some(free) = free else {
        return bad(
            "ledger_room",
            Mark::Warn,
            Both::new("남은 디스크를 알 수 없습니다", "the free room on the disk is not known"),
            Both::new("df로 확인하세요", "check with df"),
        );
    };
    let mib = free >> 20;
    if free >= ROOM_WARN {
        return ok("ledger_room", format!("남은 디스크 {mib} MiB"), format!("{mib} MiB free on the disk"));
    }
    bad(
        "ledger_room",
        if free < ROOM_BROKEN { Mark::Broken } else { Mark::Warn },
        Both::new(
            format!("남은 디스크 {mib} MiB: 가득 차면 결제가 멈춥니다"),
            format!("{mib} MiB free: a full disk stops payments"),
        ),
        Both::new("공간을 비우세요", "make room"),
    )
}

/// Smallest screen, columns and rows.
const SCREEN_MIN: (u16, u16) = (80, 24);

fn terminal(fact: &TerminalFact, lines: &mut Vec<Line>) {
    if fact.tty {
        lines.push(screen(fact.size));
        lines.push(term(fact.term.as_deref()));
    } else {
        lines.push(bad(
            "terminal",
            Mark::Warn,
            Both::new("터미널이 아닙니다", "there is no terminal"),
            Both::new(
                "상담원 화면이 쓸 SSH 접속에서 다시 실행하세요(ssh -t)",
                "run it again on the SSH connection that agents use (ssh -t)",
            ),
        ));
    }
    lines.push(locale(fact.locale.as_deref()));
    for name in &fact.multiplexers {
        let name = shown(name);
        lines.push(bad(
            "multiplexer",
            Mark::Warn,
            Both::new(
                format!("서버 쪽 {name} 안에서 실행 중이며 누른 키가 그 프로세스에 남습니다"),
                format!("running inside {name} on the server, which keeps the keys that are typed"),
            ),
            Both::new(
                "카드를 받는 계정은 다중화기 없이 접속하게 하세요",
                "let accounts that take cards connect without a multiplexer",
            ),
        ));
    }
    if fact.no_color {
        lines.push(ok("no_color", "NO_COLOR: 색 없이 표시합니다", "NO_COLOR: shown without colour"));
    }
}

fn screen(size: Option<(u16, u16)>) -> Line {
    let (min_columns, min_rows) = SCREEN_MIN;
    match size {
        Some((columns, rows)) if columns >= min_columns && rows >= min_rows => {
            ok("terminal", format!("터미널 {columns}x{rows}"), format!("terminal {columns}x{rows}"))
        }
        Some((columns, rows)) => bad(
            "terminal",
            Mark::Broken,
            Both::new(
                format!("터미널이 {columns}x{rows}입니다"),
                format!("the terminal has {columns}x{rows} characters"),
            ),
            Both::new(
                format!("창을 {min_columns}x{min_rows} 이상으로 키우세요"),
                format!("make the window {min_columns}x{min_rows} or larger"),
            ),
        ),
        None => bad(
            "terminal",
            Mark::Warn,
            Both::new("터미널의 크기를 알 수 없습니다", "the terminal tells no size"),
            Both::new("stty size로 확인하세요", "check with stty size"),
        ),
    }
}

fn term(term: Option<&str>) -> Line {
    match term {
        None | Some("" | "dumb" | "unknown") => bad(
            "term",
            Mark::Broken,
            Both::new("TERM이 없거나 화면을 그릴 수 없는 값입니다", "TERM is missing or can't draw screens"),
            Both::new("TERM=xterm-256color로 접속하세요", "connect with TERM=xterm-256color"),
        ),
        Some(name) => ok("term", format!("TERM={}", shown(name)), format!("TERM={}", shown(name))),
    }
}

fn locale(locale: Option<&str>) -> Line {
    let name = shown(locale.unwrap_or_default());
    let codeset = name.rsplit_once('.').map_or("", |(_, codeset)| codeset);
    let codeset = codeset.split('@').next().unwrap_or_default();
    if codeset.eq_ignore_ascii_case("utf-8") || codeset.eq_ignore_ascii_case("utf8") {
        return ok("locale", format!("로캘 {name}"), format!("locale {name}"));
    }
    let name = if name.is_empty() { "-".to_owned() } else { name };
    bad(
        "locale",
        Mark::Warn,
        Both::new(format!("로캘 {name}: UTF-8이 아닙니다"), format!("locale {name} is not UTF-8")),
        Both::new("LANG=ko_KR.UTF-8을 설정하세요", "set LANG=ko_KR.UTF-8"),
    )
}

fn reach(fact: &ReachFact, lines: &mut Vec<Line>) {
    let (profile, url) = (&fact.profile, &fact.base_url);
    let answer = match &fact.answer {
        Ok(answer) => answer,
        Err(why) => {
            let why = shown(why);
            lines.push(bad(
                "api",
                Mark::Broken,
                Both::new(
                    format!("프로필 {profile}: {url} 에 닿지 않습니다: {why}"),
                    format!("profile {profile}: no answer from {url}: {why}"),
                ),
                Both::new(
                    "방화벽, DNS, 프록시와 base_url을 확인하세요",
                    "check firewall, name server, proxy and base_url",
                ),
            ));
            return;
        }
    };
    let status = answer.status;
    lines.push(match status {
        401 | 403 => bad(
            "api",
            Mark::Broken,
            Both::new(
                format!("프로필 {profile}: {url} 이(가) 인증을 거절했습니다({status})"),
                format!("profile {profile}: {url} refused the credentials ({status})"),
            ),
            Both::new(
                "포트원 콘솔에서 API 키와 상점을 확인하세요",
                "check the API key and the store in the PortOne console",
            ),
        ),
        500.. => bad(
            "api",
            Mark::Warn,
            Both::new(
                format!("프로필 {profile}: {url} 이(가) {status}로 답했습니다"),
                format!("profile {profile}: {url} answered {status}"),
            ),
            Both::new("잠시 뒤 다시 실행하세요", "try again in a while"),
        ),
        _ => ok(
            "api",
            format!("프로필 {profile}: {url} 응답 {status}"),
            format!("profile {profile}: {url} answered {status}"),
        ),
    });
    lines.push(clock(answer));
}

/// Seconds that a clock may be off: the header counts whole seconds, and the answer took its time.
const SKEW_OK: i64 = 5;
/// Seconds from which certificates, schedules and the settling of payments go wrong.
const SKEW_BROKEN: i64 = 60;

fn clock(answer: &Answer) -> Line {
    let theirs = answer.date.as_deref().and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let Some(theirs) = theirs else {
        return bad(
            "clock",
            Mark::Warn,
            Both::new(
                "응답에 시각이 없어 시계를 비교하지 못했습니다",
                "the answer has no date to compare with",
            ),
            Both::new("timedatectl로 NTP 동기화를 확인하세요", "check with timedatectl that NTP is in use"),
        );
    };
    let skew = answer.received.as_second() - theirs.timestamp().as_second();
    if skew.abs() <= SKEW_OK {
        return ok("clock", format!("시계 차이 {skew}초"), format!("clock off by {skew} s"));
    }
    bad(
        "clock",
        if skew.abs() > SKEW_BROKEN { Mark::Broken } else { Mark::Warn },
        Both::new(
            format!("시계가 {}초 {}", skew.abs(), if skew > 0 { "빠릅니다" } else { "느립니다" }),
            format!("the clock is {} s {}", skew.abs(), if skew > 0 { "fast" } else { "slow" }),
        ),
        Both::new("NTP를 켜세요: timedatectl set-ntp true", "switch NTP on: timedatectl set-ntp true"),
    )
}

/// Memory that the vault locks, in bytes.
const MEMLOCK_MIN: u64 = 64 << 10;

fn machine(fact: &MachineFact, lines: &mut Vec<Line>) {
    let kib = fact.memlock.map(|bytes| bytes >> 10);
    lines.push(match (fact.memlock, kib) {
        (Some(bytes), Some(kib)) if bytes < MEMLOCK_MIN => bad(
            "memlock",
            Mark::Broken,
            Both::new(
                format!("메모리 잠금 한도 {kib} KiB: 카드 정보가 스왑에 남을 수 있습니다"),
                format!("memory-lock limit {kib} KiB: card data could reach swap"),
            ),
            Both::new(
                "limits.conf의 memlock이나 LimitMEMLOCK을 64 KiB 이상으로 올리세요",
                "raise memlock in limits.conf, or LimitMEMLOCK, to 64 KiB or more",
            ),
        ),
        (_, Some(kib)) => {
            ok("memlock", format!("메모리 잠금 한도 {kib} KiB"), format!("memory-lock limit {kib} KiB"))
        }
        (_, None) => ok("memlock", "메모리 잠금 한도 없음", "no memory-lock limit"),
    });
    lines.push(if fact.core == Some(0) {
        ok("core", "코어 파일 꺼짐", "core files are off")
    } else {
        bad(
            "core",
            Mark::Warn,
            Both::new(
                "이 계정의 코어 파일이 켜져 있습니다(단말은 스스로 끕니다)",
                "core files are on for this account (the program switches its own off)",
            ),
            Both::new("limits.conf에 hard core 0을 넣으세요", "put hard core 0 into limits.conf"),
        )
    });
    lines.push(swap(fact.swap.as_deref()));
    recording(fact, lines);
}

fn swap(areas: Option<&[(String, bool)]>) -> Line {
    let Some(areas) = areas else {
        return bad(
            "swap",
            Mark::Warn,
            Both::new("스왑을 확인하지 못했습니다", "swap could not be looked at"),
            Both::new("swapon --show로 확인하세요", "check with swapon --show"),
        );
    };
    let plain: Vec<String> =
        areas.iter().filter(|(_, encrypted)| !encrypted).map(|(name, _)| shown(name)).collect();
    if areas.is_empty() {
        return ok("swap", "스왑 없음", "no swap");
    }
    if plain.is_empty() {
        return ok("swap", "스왑이 암호화되어 있습니다", "swap is encrypted");
    }
    let names = plain.join(", ");
    bad(
        "swap",
        Mark::Warn,
        Both::new(
            format!("암호화하지 않은 스왑: {names}"),
            format!("swap that is not known to be encrypted: {names}"),
        ),
        Both::new("스왑을 끄거나 암호화하세요", "switch swap off, or encrypt it"),
    )
}

fn recording(fact: &MachineFact, lines: &mut Vec<Line>) {
    for recorder in &fact.recorders {
        let recorder = shown(recorder);
        lines.push(bad(
            "recording",
            Mark::Broken,
            Both::new(
                format!("입력 기록: {recorder}. 카드 번호가 남을 수 있습니다"),
                format!("input is recorded: {recorder}; card numbers may be kept"),
            ),
            Both::new(
                "카드를 받는 계정에서는 입력 기록을 끄세요",
                "switch input recording off for accounts that take cards",
            ),
        ));
    }
    if !fact.unreadable.is_empty() {
        let places = fact.unreadable.iter().map(|place| shown(place)).collect::<Vec<_>>().join(", ");
        lines.push(bad(
            "recording",
            Mark::Warn,
            Both::new(format!("{places} 을(를) 읽을 수 없습니다"), format!("{places} can't be read")),
            Both::new(
                "관리자가 pam_tty_audit과 sudo의 log_input이 꺼져 있는지 확인하세요",
                "let an administrator check that pam_tty_audit and sudo's log_input are off",
            ),
        ));
    } else if fact.recorders.is_empty() {
        lines.push(ok(
            "recording",
            "이 기계에서 입력 기록을 찾지 못했습니다(접속 게이트웨이는 따로 확인하세요)",
            "no input recording found on this machine (ask about gateways in front of it)",
        ));
    }
}

/// Whether anything is broken.
pub fn is_broken(lines: &[Line]) -> bool {
    lines.iter().any(|line| line.mark == Mark::Broken)
}

/// The lines for a person: mark, what was found, the cure.
pub fn text(lines: &[Line], lang: Lang) -> String {
    let marks = [Mark::Ok, Mark::Hint, Mark::Warn, Mark::Broken];
    let columns = marks.iter().map(|mark| mark.word(lang).width()).max().unwrap_or(0);
    let mut out = String::new();
    for line in lines {
        let word = line.mark.word(lang);
        let pad = " ".repeat(columns - word.width());
        let _ = write!(out, "{word}{pad}  {}", line.found.text(lang));
        if let Some(cure) = &line.cure {
            let _ = write!(out, " -> {}", cure.text(lang));
        }
        out.push('\n');
    }
    out
}

/// The lines for a script.
///
/// # Errors
/// Never in practice: all of it is text.
pub fn json(lines: &[Line], lang: Lang) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Report<'a> {
        broken: bool,
        checks: Vec<Entry<'a>>,
    }
    #[derive(Serialize)]
    struct Entry<'a> {
        check: &'a str,
        mark: Mark,
        found: &'a str,
        cure: Option<&'a str>,
    }
    let checks = lines
        .iter()
        .map(|line| Entry {
            check: line.check,
            mark: line.mark,
            found: line.found.text(lang),
            cure: line.cure.as_ref().map(|cure| cure.text(lang)),
        })
        .collect();
    serde_json::to_string_pretty(&Report { broken: is_broken(lines), checks })
}

/// Looks at everything, prints what was found, and exits with 0 when nothing is broken and 2 otherwise.
pub fn run(args: Args, scope: &Scope<'_>, probe: &dyn Probe) -> ExitCode {
    let (facts, language) = gather::gather(args, scope, probe);
    let locale = facts.terminal.locale.as_deref();
    let lang = scope.lang.unwrap_or_else(|| language.unwrap_or(Language::Auto).resolve(locale));
    let lines = diagnose(&facts);
    let written = if args.json {
        json(&lines, lang)
            .map_err(io::Error::from)
            .and_then(|report| writeln!(io::stdout().lock(), "{report}"))
    } else {
        io::stdout().lock().write_all(text(&lines, lang).as_bytes())
    };
    // A report that nobody could read is no clean bill of health.
    if written.is_err() || is_broken(&lines) { ExitCode::from(2) } else { ExitCode::SUCCESS }
}

#[cfg(test)]
mod tests;
