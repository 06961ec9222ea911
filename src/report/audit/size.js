"use strict";
// A number of bytes in words, for the images and the family tree alike.
const size = bytes => {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  const rounded = (of, scale) => Math.floor((of + scale / 2) / scale);
  let unit = 0, scale = 1;
  while (rounded(bytes, scale) >= 1000 && unit < units.length - 1) { scale *= 1000; unit++; }
  const tenths = rounded(bytes * 10, scale);
  return (unit === 0 || tenths >= 1000 ? String(rounded(bytes, scale)) : (tenths / 10).toFixed(1)) + " " + units[unit];
};
