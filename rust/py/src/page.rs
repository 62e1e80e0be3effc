//! The process page: parsed, rendered, its fields by name.

use crate::errors::{misuse, page_error};
use pyo3::prelude::*;
use xous_sim_kernel::PageLayout;

/// A process page.
#[pyclass(frozen, module = "xous_sim._native")]
pub struct Page(xous_sim_kernel::Page);

impl Page {
    /// The page of a process, if its kernel has such pages and the process lives.
    pub fn of(kernel: &xous_sim_kernel::Kernel, pid_number: u8) -> PyResult<Self> {
        let page = kernel.page(crate::convert::pid(pid_number)?);
        page.map(Self).ok_or_else(|| {
            misuse("there is no page: the process has ended, or its kernel is hosted and has none that programs can see")
        })
    }
}

fn layout(slots: u32) -> PyResult<PageLayout> {
    match slots {
        32 => Ok(PageLayout::Classic),
        46 => Ok(PageLayout::Extended),
        other => Err(misuse(format!(
            "{other} is no size of the connection map: choose 32 or 46 slots"
        ))),
    }
}

#[pymethods]
impl Page {
    /// Parses 4,096 bytes.
    #[staticmethod]
    fn parse(data: &[u8], slots: u32) -> PyResult<Self> {
        let page = xous_sim_kernel::Page::parse(data, layout(slots)?);
        page.map(Self).map_err(|e| page_error(e.to_string()))
    }

    fn render(&self) -> Vec<u8> {
        self.0.render().to_vec()
    }

    fn fields(&self) -> Vec<(String, usize, usize, Vec<u8>)> {
        let fields = self.0.fields().into_iter();
        fields
            .map(|field| (field.name, field.offset, field.size, field.bytes))
            .collect()
    }

    fn hex_dump(&self, width: Option<usize>) -> String {
        self.0.hex_dump(width)
    }

    fn slots(&self) -> usize {
        self.0.connection_map.len()
    }
}
