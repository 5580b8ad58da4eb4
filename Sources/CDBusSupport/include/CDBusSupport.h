// What a static libdbus-1 needs beside itself.
#pragma once
