"""Libraries out of object files: what `kdsl build` gives C, C++ and Rust programs.

In reading order: `archive` (static libraries), `symbols` (objects joined: who defines what), `shared_object` (shared libraries),
`objects` (small changes to objects), `glue` (tables and public functions), `support.c` (a launch from C), `header`, `library`
(all of it together). One idea: any machine builds for any other, and two builds are the same byte for byte, so nothing in
here asks for a compiler or a linker; the formats are small once there is nothing lazy and nothing versioned in them.
"""
