/** Two ways of one kind, one half as wide: of two equal expectations one holds. */
export const pair = `machine pair {
  socket cpu0 {
    memory 64 GiB
    root-port rp0 gen4 x16 { gpu gpu0 { link gen4 x16 } }
    root-port rp1 gen4 x8 { gpu gpu1 { link gen4 x16 } }
  }
}
transfer wide from cpu0.memory to gpu0 {
  size 1 GiB
  expect bandwidth > 20 GB/s
}
transfer narrow from cpu0.memory to gpu1 {
  size 1 GiB
  expect bandwidth > 20 GB/s
}
`;
