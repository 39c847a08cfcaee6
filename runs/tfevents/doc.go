// Package tfevents writes the event files of TensorBoard, and reads the parts that a writer needs.
//
// An event file is a sequence of records (TFRecord):
//
//	length (8 bytes) │ checksum of the length (4) │ data │ checksum of the data (4)
//
// A checksum is CRC-32C, rotated by 15 bits, plus 0xa282ead8. The data are a protocol buffer message Event. Its fields are those of
// TensorBoard's compat/proto/event.proto and summary.proto, and of plugins/hparams/plugin_data.proto.
//
// The package handles only the format; package runs decides what goes into a file.
package tfevents
