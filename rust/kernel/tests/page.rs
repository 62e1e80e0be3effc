//! Claims about the process page: offsets, initial values, strict parsing, the dump.

use proptest::prelude::*;
use xous_sim_kernel::page::layout::{CONTEXTS, HEADER_BYTES, PAGE_BYTES};
use xous_sim_kernel::page::{
    ASSUMED_START, Field, FieldKind, MemoryWords, Page, PageError, PageLayout, ThreadContext,
};
use xous_sim_kernel::{
    Caller, Config, Kernel, MemoryFlags, Outcome, Pid, Profile, Slots, SysResult, Syscall,
    ThreadStart, Tid,
};

const LAYOUTS: [PageLayout; 2] = [PageLayout::Classic, PageLayout::Extended];
const START: ThreadStart = ThreadStart {
    entry: 0x0001_0000,
    stack_top: 0x7FFF_F000,
    arguments: [11, 12, 13, 14],
};

fn pid(number: u8) -> Pid {
    Pid::new(number).expect("tests use PIDs from 1")
}

fn word(bytes: &[u8], offset: usize) -> u32 {
    u32::from_le_bytes(bytes[offset..offset + 4].try_into().expect("four bytes"))
}

fn field(layout: PageLayout, name: &str) -> Field {
    *layout
        .fields()
        .iter()
        .find(|field| field.name == name)
        .expect("a field of the table")
}

#[test]
fn the_tables_are_gapless_and_fill_the_page() {
    for layout in LAYOUTS {
        let end = layout.fields().iter().fold(0, |end, field| {
            assert_eq!(field.offset, end, "{layout:?}: {}", field.name);
            field.range().end
        });
        assert_eq!(end, PAGE_BYTES);
        assert_eq!(field(layout, "threads").offset, HEADER_BYTES);
    }
}

#[test]
fn todays_page_has_fifty_eight_spare_bytes_and_the_proposed_one_fourteen_fewer() {
    assert_eq!(PageLayout::Classic.spare_bytes(), 58);
    assert_eq!(PageLayout::Extended.spare_bytes(), 58 - 14);
}

#[test]
fn the_connection_map_grows_in_place() {
    let [classic, extended] = LAYOUTS.map(|layout| field(layout, "connection_map"));
    assert_eq!((classic.offset, classic.size), (36, 32));
    assert_eq!((extended.offset, extended.size), (36, 46));
    assert_eq!(LAYOUTS.map(|layout| field(layout, "pid").offset), [68, 82]);
    assert_eq!(
        LAYOUTS.map(|layout| field(layout, "last_tid_allocated").offset),
        [72, 84]
    );
}

#[test]
fn a_new_process_has_the_documented_words() {
    for layout in LAYOUTS {
        let bytes = Page::initial(layout, pid(5), &START).render();
        let words: Vec<u32> = (0..9).map(|index| word(&bytes, 4 * index)).collect();
        let memory = [
            0x6000_0000,
            0x6000_0000,
            0x4000_0000,
            0x4000_0000,
            0x2000_0000,
            0,
            0x0008_0000,
        ];
        assert_eq!(words, [&[0, 3], &memory[..]].concat());
        assert_eq!(bytes[field(layout, "pid").offset], 5);
        assert_eq!(bytes[field(layout, "last_tid_allocated").offset], 0);
        assert!(
            bytes[field(layout, "connection_map").range()]
                .iter()
                .all(|&byte| byte == 0)
        );
    }
}

#[test]
fn the_first_thread_is_context_two() {
    let page = Page::initial(PageLayout::Classic, pid(5), &START);
    let bytes = page.render();
    let context = 128 * 3;
    assert_eq!(word(&bytes, context + 4), 0x7FFF_F000, "sp is x2");
    let arguments: Vec<u32> = (36..=48)
        .step_by(4)
        .map(|at| word(&bytes, context + at))
        .collect();
    assert_eq!(arguments, [11, 12, 13, 14], "a0 is x10");
    assert_eq!(word(&bytes, context + 124), 0x0001_0000, "sepc");
    assert_eq!(
        page.threads
            .iter()
            .filter(|context| context.exists())
            .count(),
        1
    );
}

#[test]
fn bytes_of_another_length_are_no_page() {
    let found = PAGE_BYTES - 1;
    assert_eq!(
        Page::parse(&[0; 4095], PageLayout::Classic),
        Err(PageError::WrongLength { found })
    );
}

#[test]
fn an_impossible_value_is_named_with_its_offset_and_what_was_expected() {
    let cases = [
        ("connection_map", 130_u8),
        ("pid", 0),
        ("hardware_thread", 0),
        ("hardware_thread", 32),
    ];
    for layout in LAYOUTS {
        for (name, value) in cases.into_iter().chain([("last_tid_allocated", 31)]) {
            let offset = field(layout, name).offset;
            let error = parse_with(layout, offset, value).expect_err("an impossible value");
            assert!(
                matches!(error, PageError::OutOfRange { field, offset: at, value: found, .. }
                if (field, at, found) == (name, offset, value.into()))
            );
            assert!(error.to_string().starts_with(&format!(
                "offset {offset} ({name}) holds {value}, expected "
            )));
        }
    }
}

#[test]
fn the_last_server_of_the_table_is_a_possible_entry() {
    let page = parse_with(PageLayout::Classic, 36 + 31, 129).expect("index 127 + 2");
    assert_eq!(page.connection_map[31], 129);
}

#[test]
fn no_unused_byte_may_be_set() {
    for layout in LAYOUTS {
        for padding in layout
            .fields()
            .iter()
            .filter(|field| field.kind == FieldKind::Padding)
        {
            let offset = padding.range().end - 1;
            let expected = PageError::PaddingNotZero {
                field: padding.name,
                offset,
                value: 1,
            };
            assert_eq!(parse_with(layout, offset, 1), Err(expected));
        }
    }
}

#[test]
fn a_page_of_one_layout_is_not_taken_for_the_other() {
    for (layout, other) in [(LAYOUTS[0], LAYOUTS[1]), (LAYOUTS[1], LAYOUTS[0])] {
        let bytes = Page::initial(layout, pid(5), &START).render();
        assert!(Page::parse(&bytes, other).is_err());
    }
}

#[test]
fn the_list_of_fields_covers_the_page_once() {
    for layout in LAYOUTS {
        let page = Page::initial(layout, pid(5), &START);
        let joined: Vec<u8> = page
            .fields()
            .into_iter()
            .flat_map(|field| field.bytes)
            .collect();
        assert_eq!(joined, page.render());
    }
}

#[test]
fn a_register_is_listed_under_its_thread() {
    let fields = Page::initial(PageLayout::Classic, pid(5), &START).fields();
    let a1 = fields
        .iter()
        .find(|field| field.name == "threads[2].a1")
        .expect("listed");
    assert_eq!((a1.offset, a1.value()), (128 * 3 + 40, Some(12)));
}

#[test]
fn the_dump_names_the_fields_of_each_row_and_skips_repeats() {
    let dump = Page::initial(PageLayout::Classic, pid(5), &START).hex_dump(None);
    let rows: Vec<&str> = dump.lines().collect();
    assert_eq!(
        rows[0],
        "00000000: 00 00 00 00 03 00 00 00 00 00 00 60 00 00 00 60  \
         scratch hardware_thread mem_default_base mem_default_last"
    );
    assert!(rows[4].ends_with(
        "05 00 00 00 00 00 00 00 00 00 00 00  connection_map pid _reserved (padding) \
                               last_tid_allocated (padding) _padding"
    ));
    assert!(rows.contains(&"*"));
    assert!(
        rows.iter()
            .any(|row| row.starts_with("00000180:") && row.ends_with("threads[2] ra sp gp tp"))
    );
}

#[test]
fn a_narrow_dump_has_the_same_bytes_and_names_in_lines_that_fit() {
    let page = Page::initial(PageLayout::Extended, pid(5), &START);
    let words = |dump: &str| -> Vec<String> {
        let lines = dump.lines().filter(|line| !line.starts_with('*'));
        let words =
            lines.flat_map(|line| line.split_whitespace().filter(|word| !word.ends_with(':')));
        words.map(str::to_owned).collect()
    };
    let wide = page.hex_dump(None);
    assert_eq!(words(&page.hex_dump(Some(70))), words(&wide));
    for width in [33, 40, 57, 70, 100] {
        let dump = page.hex_dump(Some(width));
        assert!(dump.lines().all(|line| line.len() <= width), "{dump}");
        assert!(dump.contains("last_tid_allocated"));
    }
    assert_eq!(
        page.hex_dump(Some(40)).lines().take(3).collect::<Vec<_>>(),
        [
            "00000000: 00 00 00 00 03 00 00 00",
            "          scratch hardware_thread",
            "00000008: 00 00 00 60 00 00 00 60"
        ]
    );
}

fn parse_with(layout: PageLayout, offset: usize, value: u8) -> Result<Page, PageError> {
    let mut bytes = Page::initial(layout, pid(5), &START).render();
    bytes[offset] = value;
    Page::parse(&bytes, layout)
}

fn any_context() -> impl Strategy<Value = ThreadContext> {
    (any::<[u32; 31]>(), any::<u32>())
        .prop_map(|(registers, sepc)| ThreadContext { registers, sepc })
}

fn any_page() -> impl Strategy<Value = Page> {
    let layout = prop::sample::select(LAYOUTS.to_vec());
    layout.prop_flat_map(|layout| {
        let map = prop::collection::vec(0..=129_u8, layout.connection_slots());
        let threads = prop::array::uniform31(any_context());
        (
            any::<[u32; 7]>(),
            any::<u32>(),
            1..=CONTEXTS as u32,
            map,
            1..=64_u8,
            0..=30_u8,
            threads,
        )
            .prop_map(
                move |(
                    memory,
                    scratch,
                    hardware_thread,
                    connection_map,
                    number,
                    last_tid_allocated,
                    threads,
                )| Page {
                    layout,
                    scratch,
                    hardware_thread,
                    memory: MemoryWords::from_words(memory),
                    connection_map,
                    pid: pid(number),
                    last_tid_allocated,
                    threads,
                },
            )
    })
}

proptest! {
    #[test]
    fn parsing_undoes_rendering(page in any_page()) {
        prop_assert_eq!(Page::parse(&page.render(), page.layout), Ok(page));
    }

    #[test]
    fn rendering_undoes_parsing(page in any_page(), offset in 0..HEADER_BYTES, value: u8) {
        let mut bytes = page.render();
        bytes[offset] = value;
        if let Ok(parsed) = Page::parse(&bytes, page.layout) {
            prop_assert_eq!(parsed.render(), bytes);
        }
    }
}

fn step(kernel: &mut Kernel, pid: Pid, call: &Syscall) -> SysResult {
    let caller = Caller {
        pid,
        tid: Tid::INITIAL,
    };
    match kernel.call(caller, call).expect("no misuse").outcome {
        Outcome::Done(result) => result,
        other => panic!("{call:?} gave {other:?}"),
    }
}

#[test]
fn the_page_of_a_booted_process_is_the_initial_one() {
    for (slots, layout) in [Slots::Classic, Slots::Extended].into_iter().zip(LAYOUTS) {
        let mut kernel = Kernel::new(Config {
            slots,
            ..Config::default()
        });
        let pid = kernel.boot_process().expect("room");
        assert_eq!(
            kernel.page(pid),
            Some(Page::initial(layout, pid, &ASSUMED_START))
        );
    }
}

#[test]
fn the_page_shows_connections_heap_and_threads() {
    let mut kernel = Kernel::new(Config::default());
    let pid = kernel.boot_process().expect("room");
    step(&mut kernel, pid, &Syscall::CreateServer);
    step(
        &mut kernel,
        pid,
        &Syscall::IncreaseHeap {
            delta: 8192,
            flags: MemoryFlags::RW,
        },
    );
    let thread = Syscall::CreateThread {
        entry: 0x2_0000,
        stack: 0x7000_0000,
        stack_length: 0x18,
        arguments: [5, 6, 7, 8],
    };
    assert_eq!(step(&mut kernel, pid, &thread), SysResult::ThreadId(Tid(3)));
    let page = kernel.page(pid).expect("hardware has pages");
    assert_eq!(page.connection_map[..2], [2, 0]);
    assert_eq!((page.memory.heap_size, page.last_tid_allocated), (8192, 3));
    let context = page.thread(Tid(3)).expect("there is such a thread");
    assert_eq!(
        (context.registers[0], context.registers[1]),
        (0xFF80_3000, 0x7000_0000),
        "ra, sp = (top - 16) & !15"
    );
    assert_eq!((context.sepc, context.registers[9]), (0x2_0000, 5));
    assert_eq!(Page::parse(&page.render(), PageLayout::Classic), Ok(page));
}

#[test]
fn a_process_that_has_never_run_says_pid_one_and_has_no_thread() {
    let mut kernel = Kernel::new(Config::default());
    let parent = kernel.boot_process().expect("room");
    let created = step(
        &mut kernel,
        parent,
        &Syscall::CreateProcess { words: [0; 7] },
    );
    let SysResult::NewProcess { pid, .. } = created else {
        panic!("{created:?}")
    };
    let page = kernel.page(pid).expect("it has a page");
    assert_eq!((page.pid, page.thread(Tid::INITIAL)), (Pid::KERNEL, None));
    kernel.start_process(pid).expect("it has not started");
    let page = kernel.page(pid).expect("it has a page");
    assert!(page.pid == pid && page.thread(Tid::INITIAL).is_some());
}

#[test]
fn a_hosted_process_has_no_page() {
    let mut kernel = Kernel::new(Config {
        profile: Profile::Hosted,
        ..Config::default()
    });
    let pid = kernel.boot_process().expect("room");
    assert_eq!(kernel.page(pid), None);
}
