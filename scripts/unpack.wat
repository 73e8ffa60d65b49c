;; Turns the text in which a module travels back into its bytes, where it lies. scripts/pack-text.mjs writes such texts, and
;; pkg-template/lib/unpack.js says why they look as they do.
;;
;; A process does this once, and JavaScript that runs once runs uncompiled: the same loop took 3.1 ms in Node 20, and this takes
;; 1.2 ms, its own compilation and the writing of the text into its memory among them.
(module
  ;; From 32 on the byte of every character: of those that stand alone, of those behind a blank, of those behind a `!`, 96 each.
  ;; From 320 on the text: two letters for every byte of that table, and then the characters.
  (memory (export "memory") 1)

  ;; Unpacks a text of this length, and returns how many bytes lie in its place.
  (func (export "unpack") (param $length i32) (result i32)
    (local $from i32) (local $to i32) (local $code i32)
    (local.set $length (i32.add (local.get $length) (i32.const 320)))
    (local.set $from (i32.const 320))
    (local.set $to (i32.const 32))
    (loop $table
      ;; Sixteen letters from `a` on: 17 * 97 is what two of them are together too much.
      (i32.store8 (local.get $to)
        (i32.sub
          (i32.add
            (i32.shl (i32.load8_u (local.get $from)) (i32.const 4))
            (i32.load8_u offset=1 (local.get $from)))
          (i32.const 1649)))
      (local.set $from (i32.add (local.get $from) (i32.const 2)))
      (br_if $table
        (i32.lt_u
          (local.tee $to (i32.add (local.get $to) (i32.const 1)))
          (i32.const 320))))
    (loop $characters
      (local.set $code (i32.load8_u (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (if (i32.lt_u (local.get $code) (i32.const 34))
        (then
          (local.set $code
            (i32.add
              (i32.mul (i32.sub (local.get $code) (i32.const 31)) (i32.const 96))
              (i32.load8_u (local.get $from))))
          (local.set $from (i32.add (local.get $from) (i32.const 1)))))
      (i32.store8 (local.get $to) (i32.load8_u (local.get $code)))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (br_if $characters (i32.lt_u (local.get $from) (local.get $length))))
    (i32.sub (local.get $to) (i32.const 320))))
