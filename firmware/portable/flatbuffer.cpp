#include "flatbuffer.h"

namespace exnihilo {
namespace {

constexpr size_t PADDING_MAX = 15;

template <typename T> T load(const uint8_t* at) {
    T value;
    __builtin_memcpy(&value, at, sizeof(T));
    return value;
}

// A vtable: the fields' offsets and the table's size.
struct Layout {
    size_t at;
    size_t slots;
    size_t table_size;
};

class Verifier {
public:
    Verifier(const uint8_t* data, size_t size, uint8_t* read)
        : data_(data), size_(size), read_(read) {
        for (size_t i = 0; i < size; ++i) read_[i] = 0;
    }

    Reason run(const char* identifier, const TableSchema& root);

private:
    enum Mark : uint8_t { UNREAD, READ, LAYOUT };

    bool claim(size_t at, size_t size, Mark mark = READ);
    bool aligned(size_t at, size_t size);
    bool refuse(Reason reason);
    bool follow(size_t at, size_t& target);
    bool layout(size_t at, Layout& layout);
    bool table(size_t at, const TableSchema& schema);
    bool field(size_t at, size_t end, const FieldSchema& schema, uint8_t tag);
    bool scalar(size_t at, size_t end, const FieldSchema& schema);
    bool length(size_t at, size_t& count);
    bool text(size_t at, size_t bytes_max);
    bool numbers(size_t at, size_t size);
    bool tables(size_t at, const TableSchema& schema);
    bool check_rest();

    const uint8_t* data_;
    size_t size_;
    uint8_t* read_;
    Reason reason_ = nullptr;
};

bool Verifier::refuse(Reason reason) {
    reason_ = reason;
    return false;
}

bool Verifier::claim(size_t at, size_t size, Mark mark) {
    if (at > size_ || size > size_ - at) return refuse("an offset leaves the file");
    for (size_t i = at; i < at + size; ++i) {
        if (read_[i] != UNREAD) return refuse("two objects overlap");
        read_[i] = mark;
    }
    return true;
}

bool Verifier::aligned(size_t at, size_t size) {
    return at % size == 0 || refuse("an object is not aligned");
}

bool Verifier::follow(size_t at, size_t& target) {
    if (!claim(at, 4)) return false;
    target = at + load<uint32_t>(data_ + at);
    return true;
}

bool Verifier::layout(size_t at, Layout& layout) {
    if (!aligned(at, 2)) return false;
    // Tables may share a layout, so it is claimed once: its first byte says so.
    const bool known = at < size_ && read_[at] == LAYOUT;
    if (!known && !claim(at, 2, LAYOUT)) return false;
    const size_t bytes = load<uint16_t>(data_ + at);
    if (bytes < 4 || bytes % 2 != 0) return refuse("a table's layout is broken");
    if (!known && !claim(at + 2, bytes - 2)) return false;
    layout = {at, bytes / 2 - 2, load<uint16_t>(data_ + at + 2)};
    return true;
}

bool Verifier::table(size_t at, const TableSchema& schema) {
    if (!aligned(at, 4) || !claim(at, 4)) return false;
    const int64_t where = static_cast<int64_t>(at) - load<int32_t>(data_ + at);
    Layout shape;
    if (where < 0) return refuse("an offset leaves the file");
    if (!layout(static_cast<size_t>(where), shape)) return false;
    size_t found = 0;
    uint8_t tag = 0;
    for (int i = 0; i < schema.count; ++i) {
        const FieldSchema& expected = schema.fields[i];
        size_t offset = 0;
        if (expected.slot < shape.slots) {
            offset = load<uint16_t>(data_ + shape.at + 4 + 2 * size_t{expected.slot});
        }
        if (offset != 0) ++found;
        if (offset != 0 && (offset < 4 || offset >= shape.table_size)) {
            return refuse("a field lies outside its table");
        }
        const size_t place = offset != 0 ? at + offset : 0;
        if (!field(place, at + shape.table_size, expected, tag)) return false;
        const bool is_tag = expected.kind == FieldKind::SCALAR && expected.size == 1;
        tag = is_tag && place != 0 ? data_[place] : 0;
    }
    size_t present = 0;
    for (size_t slot = 0; slot < shape.slots; ++slot) {
        if (load<uint16_t>(data_ + shape.at + 4 + 2 * slot) != 0) ++present;
    }
    return present == found || refuse("a table has an unexpected field");
}

bool Verifier::field(size_t at, size_t end, const FieldSchema& schema, uint8_t tag) {
    if (schema.kind == FieldKind::SCALAR) return at == 0 || scalar(at, end, schema);
    const TableSchema* inner = schema.table;
    if (schema.kind == FieldKind::UNION) {
        for (const UnionKind* kind = schema.kinds; kind->table != nullptr; ++kind) {
            if (kind->tag == tag) inner = kind->table;
        }
        if ((at != 0) != (tag != 0) || (at != 0 && inner == nullptr)) {
            return refuse("unexpected options");
        }
    }
    if (at == 0) return true;
    if (at + 4 > end) return refuse("a field lies outside its table");
    size_t target;
    if (!follow(at, target)) return false;
    switch (schema.kind) {
        case FieldKind::TEXT:
            return text(target, schema.size);
        case FieldKind::NUMBERS:
            return numbers(target, schema.size);
        case FieldKind::TABLES:
            return tables(target, *inner);
        default:
            return table(target, *inner);
    }
}

bool Verifier::scalar(size_t at, size_t end, const FieldSchema& schema) {
    if (at + schema.size > end) return refuse("a field lies outside its table");
    if (!aligned(at, schema.size) || !claim(at, schema.size)) return false;
    if (!schema.is_fixed) return true;
    const uint8_t rest = schema.only < 0 ? 0xFF : 0;
    for (size_t i = 0; i < schema.size; ++i) {
        const uint8_t expected = i == 0 ? static_cast<uint8_t>(schema.only) : rest;
        if (data_[at + i] != expected) return refuse("a field has an unexpected value");
    }
    return true;
}

bool Verifier::length(size_t at, size_t& count) {
    if (!aligned(at, 4) || !claim(at, 4)) return false;
    count = load<uint32_t>(data_ + at);
    return count <= size_ || refuse("an offset leaves the file");
}

bool Verifier::text(size_t at, size_t bytes_max) {
    size_t count;
    if (!length(at, count)) return false;
    if (count > bytes_max) return refuse("a name is too long");
    if (!claim(at + 4, count + 1)) return false;
    return data_[at + 4 + count] == 0 || refuse("a name does not end");
}

bool Verifier::numbers(size_t at, size_t size) {
    size_t count;
    if (!length(at, count)) return false;
    if (count > 0 && !aligned(at + 4, size)) return false;
    return claim(at + 4, count * size);
}

bool Verifier::tables(size_t at, const TableSchema& schema) {
    size_t count;
    if (!length(at, count)) return false;
    if (at + 4 + 4 * count > size_) return refuse("an offset leaves the file");
    for (size_t i = 0; i < count; ++i) {
        size_t target;
        if (!follow(at + 4 + 4 * i, target) || !table(target, schema)) return false;
    }
    return true;
}

bool Verifier::check_rest() {
    size_t gap = 0;
    for (size_t i = 0; i < size_; ++i) {
        gap = read_[i] == UNREAD ? gap + 1 : 0;
        if (gap > 0 && data_[i] != 0) return refuse("bytes that belong to no object");
        if (gap > PADDING_MAX) return refuse("a gap between objects");
    }
    return true;
}

Reason Verifier::run(const char* identifier, const TableSchema& root) {
    if (size_ < 8) return "an offset leaves the file";
    for (int i = 0; i < 4; ++i) {
        if (data_[4 + i] != static_cast<uint8_t>(identifier[i])) return "a file of another kind";
    }
    size_t start;
    if (claim(4, 4) && follow(0, start) && table(start, root)) check_rest();
    return reason_;
}

}  // namespace

Reason verify(const uint8_t* data, size_t size, const char* identifier, const TableSchema& root,
              uint8_t* read) {
    return Verifier(data, size, read).run(identifier, root);
}

FlatTable FlatTable::root(const uint8_t* data) { return FlatTable(data + load<uint32_t>(data)); }

const uint8_t* FlatTable::field(int slot) const {
    if (at_ == nullptr) return nullptr;
    const uint8_t* layout = at_ - load<int32_t>(at_);
    if (4 + 2 * slot >= load<uint16_t>(layout)) return nullptr;
    const uint16_t offset = load<uint16_t>(layout + 4 + 2 * slot);
    return offset == 0 ? nullptr : at_ + offset;
}

Numbers FlatTable::numbers(int slot) const {
    const uint8_t* at = field(slot);
    if (at == nullptr) return {};
    at += load<uint32_t>(at);
    return {at + 4, load<uint32_t>(at)};
}

FlatTable FlatTable::table(int slot) const {
    const uint8_t* at = field(slot);
    return at == nullptr ? FlatTable() : FlatTable(at + load<uint32_t>(at));
}

FlatTable FlatTable::table_at(int slot, uint32_t index) const {
    const uint8_t* at = numbers(slot).data + 4 * size_t{index};
    return FlatTable(at + load<uint32_t>(at));
}

}  // namespace exnihilo
