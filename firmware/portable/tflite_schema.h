// The part of the TFLite schema that decoders use (firmware's TFLite schema).
#pragma once

#include "flatbuffer.h"

namespace exnihilo::tflite {

enum Type : int8_t { FLOAT32 = 0, INT64 = 4, INT16 = 7, INT8 = 9 };
enum Operator : int32_t { DEQUANTIZE = 6, FULLY_CONNECTED = 9, LOGISTIC = 14, QUANTIZE = 114 };
enum Options : uint8_t { NO_OPTIONS = 0, OF_DENSE = 8, OF_DEQUANTIZE = 38, OF_QUANTIZE = 89 };

// Slots of the tables' fields.
enum OperatorCode { DEPRECATED_CODE = 0, CODE_VERSION = 2, CODE = 3 };
enum Quantization { MIN = 0, MAX = 1, SCALE = 2, ZERO_POINT = 3 };
enum Tensor { SHAPE = 0, TYPE = 1, BUFFER = 2, QUANTIZATION = 4 };
enum OperatorField { OPCODE_INDEX = 0, INPUTS = 1, OUTPUTS = 2, OPTIONS_TYPE = 3, OPTIONS = 4 };
enum DenseOptions { FUSED_ACTIVATION = 0, BIAS_TYPE = 4 };
enum Graph { TENSORS = 0, GRAPH_INPUTS = 1, GRAPH_OUTPUTS = 2, OPERATORS = 3 };
enum Model { VERSION = 0, OPERATOR_CODES = 1, GRAPHS = 2, BUFFERS = 4, METADATA = 6, SIGNATURES = 7 };
enum Buffer { DATA = 0 };
enum Metadata { METADATA_NAME = 0, METADATA_BUFFER = 1 };
enum Signature { SIGNATURE_INPUTS = 0, SIGNATURE_OUTPUTS = 1, NAMED_TENSOR = 1 };

constexpr uint16_t NAME_BYTES_MAX = 512;

constexpr FieldSchema scalar(int slot, int size) {
    return {static_cast<uint8_t>(slot), FieldKind::SCALAR, static_cast<uint16_t>(size),
            false, 0, nullptr, nullptr};
}

constexpr FieldSchema fixed(int slot, int size, int only = 0) {
    return {static_cast<uint8_t>(slot), FieldKind::SCALAR, static_cast<uint16_t>(size),
            true, static_cast<int8_t>(only), nullptr, nullptr};
}

constexpr FieldSchema numbers(int slot, int size) {
    return {static_cast<uint8_t>(slot), FieldKind::NUMBERS, static_cast<uint16_t>(size),
            false, 0, nullptr, nullptr};
}

constexpr FieldSchema text(int slot) {
    return {static_cast<uint8_t>(slot), FieldKind::TEXT, NAME_BYTES_MAX,
            false, 0, nullptr, nullptr};
}

constexpr FieldSchema tables(int slot, const TableSchema& table) {
    return {static_cast<uint8_t>(slot), FieldKind::TABLES, 0, false, 0, &table, nullptr};
}

constexpr FieldSchema table(int slot, const TableSchema& table) {
    return {static_cast<uint8_t>(slot), FieldKind::TABLE, 0, false, 0, &table, nullptr};
}

template <int N> constexpr TableSchema schema_of(const FieldSchema (&fields)[N]) {
    return {fields, N};
}

constexpr FieldSchema DENSE_FIELDS[] = {scalar(0, 1), fixed(1, 1), fixed(2, 1), fixed(3, 1),
                                        scalar(4, 1)};
constexpr TableSchema DENSE_SCHEMA = schema_of(DENSE_FIELDS);
constexpr TableSchema EMPTY_SCHEMA = {nullptr, 0};
constexpr UnionKind OPTION_KINDS[] = {{OF_DENSE, &DENSE_SCHEMA},
                                      {OF_DEQUANTIZE, &EMPTY_SCHEMA},
                                      {OF_QUANTIZE, &EMPTY_SCHEMA},
                                      {NO_OPTIONS, nullptr}};

constexpr FieldSchema CODE_FIELDS[] = {scalar(0, 1), scalar(2, 4), scalar(3, 4)};
constexpr TableSchema CODE_SCHEMA = schema_of(CODE_FIELDS);

constexpr FieldSchema QUANTIZATION_FIELDS[] = {numbers(0, 4), numbers(1, 4), numbers(2, 4),
                                               numbers(3, 8), fixed(4, 1),   fixed(6, 4)};
constexpr TableSchema QUANTIZATION_SCHEMA = schema_of(QUANTIZATION_FIELDS);

constexpr FieldSchema TENSOR_FIELDS[] = {
    numbers(0, 4), scalar(1, 1), scalar(2, 4), text(3), table(4, QUANTIZATION_SCHEMA),
    fixed(5, 1),   scalar(8, 1), fixed(10, 4)};
constexpr TableSchema TENSOR_SCHEMA = schema_of(TENSOR_FIELDS);

constexpr FieldSchema OPERATOR_FIELDS[] = {
    scalar(0, 4),
    numbers(1, 4),
    numbers(2, 4),
    scalar(3, 1),
    {4, FieldKind::UNION, 0, false, 0, nullptr, OPTION_KINDS},
    fixed(6, 1),
    fixed(9, 8),
    fixed(10, 8),
    fixed(11, 1),
    fixed(13, 4, -1)};
constexpr TableSchema OPERATOR_SCHEMA = schema_of(OPERATOR_FIELDS);

constexpr FieldSchema GRAPH_FIELDS[] = {tables(0, TENSOR_SCHEMA),   numbers(1, 4), numbers(2, 4),
                                        tables(3, OPERATOR_SCHEMA), text(4),       fixed(5, 4, -1)};
constexpr TableSchema GRAPH_SCHEMA = schema_of(GRAPH_FIELDS);

constexpr FieldSchema BUFFER_FIELDS[] = {numbers(0, 1), fixed(1, 8), fixed(2, 8)};
constexpr TableSchema BUFFER_SCHEMA = schema_of(BUFFER_FIELDS);
constexpr FieldSchema METADATA_FIELDS[] = {text(0), scalar(1, 4)};
constexpr TableSchema METADATA_SCHEMA = schema_of(METADATA_FIELDS);
constexpr FieldSchema NAMED_FIELDS[] = {text(0), scalar(1, 4)};
constexpr TableSchema NAMED_SCHEMA = schema_of(NAMED_FIELDS);
constexpr FieldSchema SIGNATURE_FIELDS[] = {tables(0, NAMED_SCHEMA), tables(1, NAMED_SCHEMA),
                                            text(2), fixed(4, 4)};
constexpr TableSchema SIGNATURE_SCHEMA = schema_of(SIGNATURE_FIELDS);

constexpr FieldSchema MODEL_FIELDS[] = {
    scalar(0, 4), tables(1, CODE_SCHEMA),   tables(2, GRAPH_SCHEMA),    text(3),
    tables(4, BUFFER_SCHEMA), tables(6, METADATA_SCHEMA), tables(7, SIGNATURE_SCHEMA)};
constexpr TableSchema MODEL_SCHEMA = schema_of(MODEL_FIELDS);

}  // namespace exnihilo::tflite
