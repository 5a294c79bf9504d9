"""Runs a command and writes down what it used: `launch.py FILE COMMAND…`.

It is a process of its own, and a small one, for Linux counts what a process held before it became the
command as the command's own peak: whoever starts one from a process of 40 MB reads 40 MB.
"""

import json
import os
import sys
import time

began = time.time()
process = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(process, 0)
with open(sys.argv[1], "w") as file:
    json.dump({"status": status, "began": began, "wall_s": time.time() - began,
               "cpu_s": used.ru_utime + used.ru_stime, "rss_mb": used.ru_maxrss / 1024}, file)
