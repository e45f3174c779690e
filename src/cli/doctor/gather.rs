//! Looks at this machine for the doctor. Reads only; decides nothing.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access, statvfs};
use rustix::process::{Resource, getrlimit};

use crate::config::{self, Config, Language, Profile};

use super::channels;
use super::{Args, ConfigFact, Facts, LedgerFact, MachineFact, Probe, ReachFact, Scope, TerminalFact};
use crate::cli::session;

/// Everything, and the language that the configuration asks for.
pub(super) fn gather(args: Args, scope: &Scope<'_>, probe: &dyn Probe) -> (Facts, Option<Language>) {
    let ancestors = ancestors(Path::new("/proc"), std::process::id());
    let terminal = terminal(&ancestors);
    let machine = machine(&ancestors);
    let nothing = |config| Facts {
        config,
        ledger: None,
        terminal: terminal.clone(),
        reach: None,
        machine: machine.clone(),
    };
    let config = match config::load(scope.config) {
        Ok(config) => config,
        Err(mistakes) => return (nothing(ConfigFact::Wrong(mistakes.as_slice().to_vec())), None),
    };
    let language = Some(config.ui.language);
    let profile = match config.profile(scope.profile) {
        Ok(profile) => profile,
        Err(mistakes) => return (nothing(ConfigFact::Wrong(mistakes.as_slice().to_vec())), language),
    };
    let reach = (!args.offline).then(|| ReachFact {
        profile: profile.name().to_string(),
        base_url: profile.base_url().to_string(),
        answer: probe.reach(profile, &config.network),
    });
    let ledger = ledger(&config.ledger.path, probe);
    let facts = Facts { ledger: Some(ledger), reach, ..nothing(loaded(&config, profile)) };
    (facts, language)
}

fn loaded(config: &Config, chosen: &Profile) -> ConfigFact {
    let mut credentials = Vec::new();
    let mut foreign = Vec::new();
    for profile in config.profiles() {
        let needed = profile.name() == chosen.name();
        match profile.resolve() {
            Ok(_) => credentials.push((format!("profiles.{}", profile.name()), needed, None)),
            Err(problems) => {
                credentials
                    .extend(problems.into_iter().map(|found| (found.key, needed, Some(found.problem))));
            }
        }
        let url = profile.base_url();
        if !url.is_official() && !url.is_loopback() {
            foreign.push((profile.name().to_string(), url.to_string()));
        }
    }
    let lost_ca = config.security.ca_file.clone().filter(|ca| fs::File::open(ca).is_err());
    ConfigFact::Loaded {
        file: config.file().to_owned(),
        mode: config.mode().unwrap_or(0o7777),
        credentials,
        foreign,
        lost_ca,
        channels: session::terms_of(chosen).iter().flat_map(channels::notes).collect(),
    }
}

fn ledger(path: &Path, probe: &dyn Probe) -> LedgerFact {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A folder that is still to be made is made in the nearest one above that is there.
    let standing = folder.ancestors().find(|folder| folder.exists()).unwrap_or(folder);
    let mode_of = |path: &Path| fs::metadata(path).map(|facts| facts.permissions().mode() & 0o7777).ok();
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let files = ["", "-wal", "-shm"].into_iter().map(beside);
    LedgerFact {
        path: path.to_owned(),
        folder_exists: folder.is_dir(),
        folder_writable: standing.is_dir() && access(standing, Access::WRITE_OK | Access::EXEC_OK).is_ok(),
        folder_mode: folder.is_dir().then(|| mode_of(folder)).flatten(),
        files: files.filter_map(|file| mode_of(&file).map(|mode| (file, mode))).collect(),
        free_bytes: statvfs(standing).ok().map(|facts| facts.f_bavail.saturating_mul(facts.f_frsize)),
        opens: path.exists().then(|| probe.open_ledger(path)),
    }
}

fn set(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

fn terminal(ancestors: &[String]) -> TerminalFact {
    let output = rustix::stdio::stdout();
    let tty = rustix::termios::isatty(rustix::stdio::stdin()) && rustix::termios::isatty(output);
    let size = rustix::termios::tcgetwinsize(output).ok().map(|size| (size.ws_col, size.ws_row));
    let inside = [("TMUX", "tmux"), ("STY", "screen"), ("ZELLIJ", "zellij")];
    let mut multiplexers: Vec<String> = inside
        .into_iter()
        .filter(|(variable, _)| set(variable).is_some())
        .map(|(_, name)| name.to_owned())
        .collect();
    // The variables may have been cleaned away; the process that runs us can't be.
    for name in ancestors.iter().filter_map(|name| multiplexer(name)) {
        if !multiplexers.iter().any(|known| known == name) {
            multiplexers.push(name.to_owned());
        }
    }
    TerminalFact {
        tty,
        size,
        locale: ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set),
        term: set("TERM"),
        no_color: set("NO_COLOR").is_some(),
        multiplexers,
    }
}

/// The multiplexer that a process of this name belongs to.
fn multiplexer(process: &str) -> Option<&'static str> {
    match process {
        name if name.starts_with("tmux") => Some("tmux"),
        "screen" | "SCREEN" => Some("screen"),
        "zellij" => Some("zellij"),
        "dtach" => Some("dtach"),
        "abduco" => Some("abduco"),
        _ => None,
    }
}

/// The recorder that a process of this name is.
fn recorder(process: &str) -> Option<&'static str> {
    // The kernel cuts names at 15 characters.
    const RECORDERS: &[&str] = &["tlog-rec-sessio", "tlog-rec", "script", "asciinema", "ttyrec", "termrec"];
    RECORDERS.iter().find(|name| **name == process).copied()
}

/// The names of the processes above `pid`, nearest first.
fn ancestors(proc: &Path, pid: u32) -> Vec<String> {
    /// Deeper than any real line of processes; ends a loop in a wrong `/proc`.
    const DEPTH_MAX: usize = 64;
    let mut names = Vec::new();
    let mut pid = pid;
    for _ in 0..DEPTH_MAX {
        let Some((_, parent)) = process(proc, pid) else { break };
        let Some((name, _)) = process(proc, parent) else { break };
        names.push(name);
        pid = parent;
    }
    names
}

/// Name and parent of a process: `PID (name) state parent …`, where the name may hold anything.
fn process(proc: &Path, pid: u32) -> Option<(String, u32)> {
    let stat = fs::read(proc.join(pid.to_string()).join("stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
    let parent = rest.split_whitespace().nth(1)?.parse().ok()?;
    Some((name.to_owned(), parent))
}

fn machine(ancestors: &[String]) -> MachineFact {
    let mut recorders: Vec<String> =
        ancestors.iter().filter_map(|name| recorder(name)).map(str::to_owned).collect();
    if set("ASCIINEMA_REC").is_some() && !recorders.iter().any(|name| name == "asciinema") {
        recorders.push("asciinema".to_owned());
    }
    let mut unreadable = Vec::new();
    pam(Path::new("/etc/pam.d"), &mut recorders, &mut unreadable);
    MachineFact {
        memlock: getrlimit(Resource::Memlock).current,
        core: getrlimit(Resource::Core).current,
        swap: swap(Path::new("/proc/swaps"), Path::new("/sys/class/block")),
        recorders,
        unreadable,
    }
}

/// Looks for `pam_tty_audit` with an `enable=` in the rules for sign-in.
fn pam(folder: &Path, recorders: &mut Vec<String>, unreadable: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        if folder.exists() {
            unreadable.push(folder.display().to_string());
        }
        return;
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.sort();
    for file in files.into_iter().filter(|file| file.is_file()) {
        let Ok(rules) = fs::read_to_string(&file) else {
            unreadable.push(file.display().to_string());
            continue;
        };
        let audits = |line: &str| {
            let rule = line.split('#').next().unwrap_or_default();
            rule.contains("pam_tty_audit") && rule.contains("enable=")
        };
        if rules.lines().any(audits) {
            recorders.push(format!("pam_tty_audit ({})", file.display()));
        }
    }
}

/// The swap areas, and whether each lies on dm-crypt; compressed memory (zram) never reaches a disk.
fn swap(list: &Path, block: &Path) -> Option<Vec<(String, bool)>> {
    let list = fs::read_to_string(list).ok()?;
    let names = list.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    Some(names.map(|name| (name.to_owned(), is_encrypted(name, block))).collect())
}

fn is_encrypted(area: &str, block: &Path) -> bool {
    // `/dev/mapper/x` links to `/dev/dm-N`, which is the name the kernel's tables know.
    let device = fs::canonicalize(area).unwrap_or_else(|_| PathBuf::from(area));
    let Some(name) = device.strip_prefix("/dev").ok().and_then(Path::to_str) else { return false };
    let uuid = fs::read_to_string(block.join(name).join("dm/uuid")).unwrap_or_default();
    name.starts_with("zram") || uuid.starts_with("CRYPT-")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use crate::cli::doctor::{Answer, Probe};
    use crate::config::{Network, Profile};

    use super::{ancestors, ledger, multiplexer, pam, recorder, swap};

    struct Opens;

    impl Probe for Opens {
        fn open_ledger(&self, _: &Path) -> Result<(), String> {
            Ok(())
        }
        fn reach(&self, _: &Profile, _: &Network) -> Result<Answer, String> {
            Err("not asked".to_owned())
        }
    }

    fn stat(proc: &Path, pid: u32, name: &str, parent: u32) {
        let folder = proc.join(pid.to_string());
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("stat"), format!("{pid} ({name}) S {parent} 1 1 0")).unwrap();
    }

    #[test]
    fn processes_above_are_named_whatever_their_name() {
        let proc = tempfile::tempdir().unwrap();
        stat(proc.path(), 30, "danmal", 20);
        stat(proc.path(), 20, "a) S (b", 10);
        stat(proc.path(), 10, "tmux: server", 1);
        stat(proc.path(), 1, "init", 0);
        assert_eq!(ancestors(proc.path(), 30), ["a) S (b", "tmux: server", "init"]);
        assert!(ancestors(proc.path(), 31).is_empty());
    }

    #[test]
    fn a_circle_of_processes_ends() {
        let proc = tempfile::tempdir().unwrap();
        stat(proc.path(), 2, "b", 3);
        stat(proc.path(), 3, "c", 2);
        assert_eq!(ancestors(proc.path(), 2).len(), 64);
    }

    #[test]
    fn helpers_that_keep_keys_are_known_by_name() {
        assert_eq!(multiplexer("tmux: server"), Some("tmux"));
        assert_eq!(multiplexer("SCREEN"), Some("screen"));
        assert_eq!(multiplexer("sshd"), None);
        assert_eq!(recorder("tlog-rec-sessio"), Some("tlog-rec-sessio"));
        assert_eq!(recorder("bash"), None);
    }

    #[test]
    fn an_enabled_audit_rule_is_found_and_a_comment_is_not() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("login"), "# session required pam_tty_audit.so enable=*\n").unwrap();
        fs::write(dir.path().join("other"), "session required pam_tty_audit.so disable=*\n").unwrap();
        let (mut found, mut unreadable) = (Vec::new(), Vec::new());
        pam(dir.path(), &mut found, &mut unreadable);
        assert!(found.is_empty() && unreadable.is_empty());
        fs::write(dir.path().join("sshd"), "session required pam_tty_audit.so disable=* enable=shop\n")
            .unwrap();
        fs::write(dir.path().join("bad"), b"\xff").unwrap();
        pam(dir.path(), &mut found, &mut unreadable);
        assert_eq!(found, [format!("pam_tty_audit ({})", dir.path().join("sshd").display())]);
        assert_eq!(unreadable, [dir.path().join("bad").display().to_string()]);
    }

    #[test]
    fn swap_on_dm_crypt_counts_as_encrypted() {
        let dir = tempfile::tempdir().unwrap();
        let list = dir.path().join("swaps");
        let head = "Filename\tType\tSize\tUsed\tPriority\n";
        fs::write(&list, head).unwrap();
        assert_eq!(swap(&list, dir.path()), Some(vec![]));
        fs::create_dir_all(dir.path().join("dm-97/dm")).unwrap();
        fs::write(dir.path().join("dm-97/dm/uuid"), "CRYPT-PLAIN-swap\n").unwrap();
        fs::write(
            &list,
            format!("{head}/dev/dm-97 partition 1 0 -2\n/dev/zram97 p 1 0 1\n/swapfile file 1 0 1\n"),
        )
        .unwrap();
        let areas = swap(&list, dir.path()).unwrap();
        let encrypted: Vec<bool> = areas.iter().map(|(_, encrypted)| *encrypted).collect();
        assert_eq!(encrypted, [true, true, false]);
        assert_eq!(swap(&dir.path().join("none"), dir.path()), None);
    }

    #[test]
    fn the_ledger_is_looked_at_without_being_made() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/ledger.db");
        let before = ledger(&path, &Opens);
        assert!(!before.folder_exists && before.folder_writable && before.opens.is_none());
        assert!(before.free_bytes.is_some() && before.files.is_empty());
        assert!(!dir.path().join("a").exists());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        fs::write(dir.path().join("a/b/ledger.db-wal"), "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let after = ledger(&path, &Opens);
        assert_eq!((after.folder_exists, after.opens), (true, Some(Ok(()))));
        assert_eq!(after.files.len(), 2);
        assert_eq!(after.files[0], (path, 0o600));
    }
}
