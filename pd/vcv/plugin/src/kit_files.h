// The files of a kit, read into memory and written again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace plugin {

struct KitFile {
    std::string name;
    std::vector<uint8_t> bytes;
};

// A manifest and the models that it names, in the order of its voices.
struct KitFiles {
    std::string manifest;
    std::vector<KitFile> models;
};

// Reads a whole file of at most `bytes_max`; false if it is longer or cannot be read.
bool read_file(const std::string& path, size_t bytes_max, std::vector<uint8_t>& bytes);

// Writes the files of a kit into a folder that exists; false if one cannot be written.
bool write_files(const KitFiles& files, const std::string& folder);

}  // namespace plugin
