// Package tfevents writes the event files of TensorBoard, and reads of them what a writer has to know.
//
// An event file is a sequence of records (TFRecord): the length of the data, a checksum of it, the data, and a checksum of these. A checksum is
// CRC-32C, rotated by 15 bits, plus 0xa282ead8. The data are a message Event of protocol buffers. Its fields are those of TensorBoard's
// compat/proto/event.proto and summary.proto, and of plugins/hparams/plugin_data.proto.
//
// The package knows the format alone; package runs says what goes into a file.
package tfevents
