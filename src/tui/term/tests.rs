use std::io::{Read as _, Write as _};
use std::sync::mpsc;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::Winsize;

use super::*;

/// The session is the process's; these tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// A terminal of our own: the far end, and two descriptors of the near end as `enter` opens them.
struct Pty {
    far: std::fs::File,
    tty: OwnedFd,
    out: OwnedFd,
}

fn pty() -> Pty {
    let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&far).unwrap();
    unlockpt(&far).unwrap();
    let path = ptsname(&far, Vec::new()).unwrap();
    let near = |flags| rustix::fs::open(&path, OFlags::RDWR | OFlags::NOCTTY | flags, Mode::empty()).unwrap();
    let (tty, out) = (near(OFlags::NONBLOCK), near(OFlags::NONBLOCK));
    let size = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&far, size).unwrap();
    Pty { far: far.into(), tty, out }
}

/// What stands ready at the far end, in one read: what came with one write stays together.
fn read(far: &mut std::fs::File) -> Vec<u8> {
    let mut bytes = vec![0; 1 << 16];
    let got = far.read(&mut bytes).unwrap();
    bytes.truncate(got);
    bytes
}

fn read_exactly(far: &mut std::fs::File, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    far.read_exact(&mut bytes).unwrap();
    bytes
}

fn nothing_to_read(far: &std::fs::File) -> bool {
    poll(&mut [PollFd::new(far, PollFlags::IN)], Some(&Timespec::default())).unwrap() == 0
}

fn attributes(far: &std::fs::File) -> (u32, u32, u32, u32) {
    let termios = rustix::termios::tcgetattr(far).unwrap();
    (
        termios.input_modes.bits(),
        termios.output_modes.bits(),
        termios.control_modes.bits(),
        termios.local_modes.bits(),
    )
}

#[test]
fn leaving_puts_everything_back_once() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Pty { mut far, tty, out } = pty();
    let before = attributes(&far);
    let (mut term, _output) = Term::on(tty, out, false).unwrap();
    assert_ne!(attributes(&far), before, "raw mode");
    assert_eq!(read_exactly(&mut far, ENTER.len()), ENTER);
    assert_eq!(size(), Size { width: 120, height: 40 });

    // Keys nobody reads must not reach the shell.
    far.write_all(b"4242\r").unwrap();
    term.leave();
    assert_eq!(attributes(&far), before);
    assert_eq!(read_exactly(&mut far, LEAVE.len()), LEAVE);
    let unread = rustix::io::read(&*term.keyboard(), &mut [0u8; 16]);
    assert_eq!(unread, Err(rustix::io::Errno::AGAIN));

    restore_now();
    drop(term);
    assert!(nothing_to_read(&far), "the way back is gone only once");
}

#[test]
fn every_mode_that_was_set_is_unset() {
    let text = |bytes: &'static [u8]| std::str::from_utf8(bytes).unwrap();
    let modes = |text: &'static str, last: char| -> Vec<&'static str> {
        let private = text.split("\x1b[?").skip(1);
        private
            .filter_map(|part| part.split_once(last))
            .map(|(mode, _)| mode)
            .filter(|mode| mode.parse::<u16>().is_ok())
            .collect()
    };
    let (set, unset) = (modes(text(ENTER), 'h'), modes(text(LEAVE), 'l'));
    assert_eq!(set, ["1049", "2004"]);
    assert!(set.iter().all(|mode| unset.contains(mode)));
    assert!(modes(text(LEAVE), 'h').contains(&"25"), "the cursor");
    assert!(unset.contains(&"2026"), "an update that was cut off");
}

#[test]
fn any_thread_may_put_it_back_and_frames_are_refused_then() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Pty { mut far, tty, out } = pty();
    let before = attributes(&far);
    let (term, mut output) = Term::on(tty, out, false).unwrap();
    let panicked = std::thread::spawn(|| {
        std::panic::set_hook(Box::new(|_| restore_now()));
        panic!("on purpose");
    })
    .join();
    let _ = std::panic::take_hook();
    assert!(panicked.is_err());
    assert_eq!(attributes(&far), before);
    assert_eq!(output.send(b"a frame").unwrap_err().kind(), io::ErrorKind::NotConnected);
    assert_eq!(read_exactly(&mut far, ENTER.len() + LEAVE.len()), [ENTER, LEAVE].concat());
    assert!(nothing_to_read(&far));
    drop(term);
}

#[test]
fn the_terminal_is_taken_once_and_can_be_taken_again() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (first, second, third) = (pty(), pty(), pty());
    let (term, _output) = Term::on(first.tty, first.out, false).unwrap();
    let error = Term::on(second.tty, second.out, false).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    drop(term);
    drop(Term::on(third.tty, third.out, false).unwrap());
}

#[test]
fn a_frame_and_a_copy_each_go_out_at_once() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Pty { mut far, tty, out } = pty();
    let (_term, mut output) = Term::on(tty, out, false).unwrap();
    read_exactly(&mut far, ENTER.len());
    output.send(b"one frame").unwrap();
    assert_eq!(read(&mut far), b"one frame");
    output.copy("1").unwrap();
    assert_eq!(read(&mut far), b"\x1b]52;c;MQ==\x1b\\");
    assert!(nothing_to_read(&far));
}

#[test]
fn a_terminal_that_takes_no_bytes_holds_nobody_up_and_loses_nothing() {
    let (mut far, near) = std::io::pipe().unwrap();
    let near = OwnedFd::from(near);
    rustix::fs::fcntl_setfl(&near, OFlags::NONBLOCK).unwrap();
    let mut output = Output::new(near, Arc::new(AtomicBool::new(true)), false);
    let mut wanted = Vec::new();
    for part in [&vec![b'x'; 300_000][..], b"later", b"end"] {
        // Nobody reads yet.
        output.send(part).unwrap();
        assert!(output.is_behind());
        wanted.extend_from_slice(part);
    }
    let reader = std::thread::spawn(move || {
        let mut got = Vec::new();
        far.read_to_end(&mut got).unwrap();
        got
    });
    while output.is_behind() {
        poll(&mut [PollFd::new(&output.descriptor(), PollFlags::OUT)], None).unwrap();
        output.go_on().unwrap();
    }
    drop(output);
    assert_eq!(reader.join().unwrap(), wanted);
}

#[test]
fn a_terminal_that_takes_no_bytes_does_not_hold_up_the_way_out() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Pty { far, tty, out } = pty();
    let before = attributes(&far);
    let (mut term, _output) = Term::on(tty, out, false).unwrap();
    // Nobody reads at the far end; the descriptor is the non-blocking one.
    while rustix::io::write(&*term.keyboard(), &[b'x'; 4096]).is_ok() {}
    term.leave();
    assert_eq!(attributes(&far), before);
}

#[test]
fn a_hang_up_is_seen_without_a_signal() {
    let Pty { far, tty, out } = pty();
    let (gone, seen) = mpsc::channel();
    watch(Arc::new(tty), move || gone.send(()).unwrap()).unwrap();
    assert_eq!(seen.try_recv(), Err(mpsc::TryRecvError::Empty));
    drop(far);
    seen.recv().unwrap();
    drop(out);
}
