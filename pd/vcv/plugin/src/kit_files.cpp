#include "kit_files.h"

#include <fstream>

namespace plugin {
namespace {

bool write_file(const std::string& path, const char* bytes, size_t size) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes, static_cast<std::streamsize>(size));
    file.close();
    return !file.fail();
}

}  // namespace

bool read_file(const std::string& path, size_t bytes_max, std::vector<uint8_t>& bytes) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return false;
    // One byte more than allowed, so that a file that is too long shows itself.
    bytes.resize(bytes_max + 1);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<size_t>(file.gcount()));
    return !file.bad() && file.eof() && bytes.size() <= bytes_max;
}

bool write_files(const KitFiles& files, const std::string& folder) {
    for (const KitFile& model : files.models) {
        const char* bytes = reinterpret_cast<const char*>(model.bytes.data());
        if (!write_file(folder + "/" + model.name, bytes, model.bytes.size())) return false;
    }
    return write_file(folder + "/manifest.json", files.manifest.data(), files.manifest.size());
}

}  // namespace plugin
