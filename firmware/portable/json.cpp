#include "json.h"

#include "decimal.h"

namespace exnihilo {
namespace {

constexpr int DEPTH_MAX = 16;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Moves over a text. Each function gives where it ends, or null if there is no such thing.
class Scanner {
public:
    explicit Scanner(const char* end) : end_(end) {}

    const char* spaces(const char* at) const {
        while (at < end_ && is_space(*at)) ++at;
        return at;
    }

    const char* value(const char* at, int depth) const {
        if (at == nullptr || at >= end_ || depth > DEPTH_MAX) return nullptr;
        switch (*at) {
            case '{':
                return list(at, '}', true, depth);
            case '[':
                return list(at, ']', false, depth);
            case '"':
                return string(at);
            case 't':
                return word(at, "true");
            case 'f':
                return word(at, "false");
            case 'n':
                return word(at, "null");
            default:
                return number(at);
        }
    }

    const char* string(const char* at) const {
        if (at >= end_ || *at++ != '"') return nullptr;
        while (at < end_ && *at != '"') {
            if (static_cast<unsigned char>(*at) < 0x20) return nullptr;
            at = *at == '\\' ? escape(at + 1) : at + 1;
            if (at == nullptr) return nullptr;
        }
        return at < end_ ? at + 1 : nullptr;
    }

    // The value of a member whose name begins at `at`.
    const char* member_value(const char* at) const {
        const char* colon = string(at);
        if (colon == nullptr) return nullptr;
        colon = spaces(colon);
        return colon < end_ && *colon == ':' ? spaces(colon + 1) : nullptr;
    }

private:
    const char* list(const char* at, char closing, bool has_names, int depth) const {
        at = spaces(at + 1);
        if (at < end_ && *at == closing) return at + 1;
        for (;;) {
            if (has_names) at = member_value(at);
            at = value(at, depth + 1);
            if (at == nullptr) return nullptr;
            at = spaces(at);
            if (at < end_ && *at == closing) return at + 1;
            if (at >= end_ || *at != ',') return nullptr;
            at = spaces(at + 1);
        }
    }

    const char* escape(const char* at) const {
        if (at >= end_) return nullptr;
        if (*at == 'u') {
            for (int i = 1; i <= 4; ++i) {
                if (at + i >= end_ || hex_digit(at[i]) < 0) return nullptr;
            }
            return at + 5;
        }
        for (const char* c = "\"\\/bfnrt"; *c != 0; ++c) {
            if (*at == *c) return at + 1;
        }
        return nullptr;
    }

    const char* word(const char* at, const char* expected) const {
        for (; *expected != 0; ++expected, ++at) {
            if (at >= end_ || *at != *expected) return nullptr;
        }
        return at;
    }

    const char* number(const char* at) const {
        if (at < end_ && *at == '-') ++at;
        if (at < end_ && *at == '0') {
            ++at;
        } else {
            at = digits(at);
        }
        if (at != nullptr && at < end_ && *at == '.') at = digits(at + 1);
        if (at != nullptr && at < end_ && (*at == 'e' || *at == 'E')) {
            ++at;
            if (at < end_ && (*at == '+' || *at == '-')) ++at;
            at = digits(at);
        }
        return at;
    }

    const char* digits(const char* at) const {
        if (at >= end_ || !is_digit(*at)) return nullptr;
        while (at < end_ && is_digit(*at)) ++at;
        return at;
    }

    const char* end_;
};

}  // namespace

bool check_json(const char* text, size_t size) {
    const Scanner scanner(text + size);
    const char* at = scanner.value(scanner.spaces(text), 0);
    return at != nullptr && scanner.spaces(at) == text + size;
}

JsonKind Json::kind() const {
    if (at_ == nullptr) return JsonKind::NONE;
    switch (*at_) {
        case '{':
            return JsonKind::OBJECT;
        case '[':
            return JsonKind::ARRAY;
        case '"':
            return JsonKind::STRING;
        case 't':
            return JsonKind::TRUE_;
        case 'f':
            return JsonKind::FALSE_;
        case 'n':
            return JsonKind::NULL_;
        default:
            return JsonKind::NUMBER;
    }
}

const char* Json::after() const { return Scanner(end_).value(at_, 0); }

Json Json::member(const char* name) const {
    Json found;
    if (kind() != JsonKind::OBJECT) return found;
    const Scanner scanner(end_);
    const char* at = scanner.spaces(at_ + 1);
    while (*at == '"') {
        const Json value(scanner.member_value(at), end_);
        if (Json(at, end_).is_text(name)) found = value;
        at = scanner.spaces(value.after());
        if (*at == ',') at = scanner.spaces(at + 1);
    }
    return found;
}

int Json::size() const {
    int count = 0;
    for (Json item = first(); item.kind() != JsonKind::NONE; item = item.next()) ++count;
    return count;
}

Json Json::first() const {
    if (kind() != JsonKind::ARRAY) return {};
    const char* at = Scanner(end_).spaces(at_ + 1);
    return *at == ']' ? Json() : Json(at, end_);
}

Json Json::next() const {
    const Scanner scanner(end_);
    const char* at = scanner.spaces(after());
    return at < end_ && *at == ',' ? Json(scanner.spaces(at + 1), end_) : Json();
}

bool Json::text(char* buffer, size_t size) const {
    if (kind() != JsonKind::STRING) return false;
    size_t count = 0;
    for (const char* at = at_ + 1; *at != '"'; ++at) {
        char c = *at;
        if (c == '\\') {
            c = *++at;
            if (c == 'u') {
                int code = 0;
                for (int i = 0; i < 4; ++i) code = 16 * code + hex_digit(*++at);
                if (code == 0 || code >= 0x80) return false;
                c = static_cast<char>(code);
            } else {
                const char* const from = "bfnrt";
                for (int i = 0; from[i] != 0; ++i) {
                    if (c == from[i]) {
                        c = "\b\f\n\r\t"[i];
                        break;
                    }
                }
            }
        }
        if (count + 1 >= size) return false;
        buffer[count++] = c;
    }
    buffer[count] = 0;
    return true;
}

bool Json::is_text(const char* expected) const {
    char buffer[64];
    if (!text(buffer, sizeof buffer)) return false;
    const char* at = buffer;
    while (*at != 0 && *at == *expected) ++at, ++expected;
    return *at == *expected;
}

bool Json::number(double& value) const {
    return kind() == JsonKind::NUMBER && parse_decimal(at_, after(), value);
}

}  // namespace exnihilo
