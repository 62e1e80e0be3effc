"""A second, independent model of the Xous kernel, in plain Python.

It exists to be compared with the Rust kernel: it was written from the Xous kernel facts alone (xous-core commit
73c0946325283704a237a1accbfd91df7d472e12), reads as directly as they do, and takes no care to be fast. It models
processes, threads, connection maps, servers and their queues, messages, replies, death, and on hardware which pages a
process can send. It leaves out scheduling, interrupts, the contents of memory and the process page.
"""
