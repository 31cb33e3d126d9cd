// A reader of FlatBuffers that accounts for every byte (firmware's flatbuffer).
//
// `verify` walks a file by its schema once and refuses whatever is not part of it; after that
// the typed accessors below read without further checks.
#pragma once

#include "numbers.h"

namespace exnihilo {

// Why something was refused; null where it was not.
using Reason = const char*;

enum class FieldKind : uint8_t { SCALAR, NUMBERS, TEXT, TABLE, TABLES, UNION };

struct TableSchema;

struct FieldSchema {
    uint8_t slot;
    FieldKind kind;
    // The bytes of a scalar or of a vector's numbers; the most of a text.
    uint16_t size;
    // Of a scalar: whether it must be `only`.
    bool is_fixed;
    int8_t only;
    // Of a table or tables; of a union, whose kinds end with a null table.
    const TableSchema* table;
    const struct UnionKind* kinds;
};

struct UnionKind {
    uint8_t tag;
    const TableSchema* table;
};

struct TableSchema {
    const FieldSchema* fields;
    int count;
};

// Checks a whole file. `read` is scratch memory of `size` bytes.
Reason verify(const uint8_t* data, size_t size, const char* identifier, const TableSchema& root,
              uint8_t* read);

struct Numbers {
    const uint8_t* data = nullptr;
    uint32_t count = 0;

    template <typename T> T at(uint32_t index) const {
        T value;
        __builtin_memcpy(&value, data + index * sizeof(T), sizeof(T));
        return value;
    }
};

// A table of a file that was verified.
class FlatTable {
public:
    FlatTable() = default;
    explicit FlatTable(const uint8_t* at) : at_(at) {}
    static FlatTable root(const uint8_t* data);

    bool exists() const { return at_ != nullptr; }
    bool has(int slot) const { return field(slot) != nullptr; }

    template <typename T> T scalar(int slot, T otherwise = 0) const {
        const uint8_t* at = field(slot);
        if (at == nullptr) return otherwise;
        T value;
        __builtin_memcpy(&value, at, sizeof(T));
        return value;
    }

    // Numbers, or the bytes of a text.
    Numbers numbers(int slot) const;
    FlatTable table(int slot) const;
    uint32_t table_count(int slot) const { return numbers(slot).count; }
    FlatTable table_at(int slot, uint32_t index) const;

private:
    const uint8_t* field(int slot) const;

    const uint8_t* at_ = nullptr;
};

}  // namespace exnihilo
