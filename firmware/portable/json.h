// A reader of JSON (RFC 8259) that allocates nothing: values are places in the text.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace exnihilo {

enum class JsonKind { NONE, OBJECT, ARRAY, STRING, NUMBER, TRUE_, FALSE_, NULL_ };

// A value of a text that `check_json` accepted. A value that does not exist has no members, no
// elements and no text, so that a path can be followed without looking at each step.
class Json {
public:
    Json() = default;
    Json(const char* at, const char* end) : at_(at), end_(end) {}

    JsonKind kind() const;
    // The member of that name, the last if there are several.
    Json member(const char* name) const;
    // The number of elements of an array; 0 for any other value.
    int size() const;
    // The first element of an array, and the one after this.
    Json first() const;
    Json next() const;
    // Copies a string of at most `size` - 1 bytes, with a null; fails if this is none or longer.
    bool text(char* buffer, size_t size) const;
    bool is_text(const char* expected) const;
    // Reads a number; fails if this is none.
    bool number(double& value) const;

private:
    const char* after() const;

    const char* at_ = nullptr;
    const char* end_ = nullptr;
};

// Checks a whole text: one value, nested at most 16 deep.
bool check_json(const char* text, size_t size);

}  // namespace exnihilo
