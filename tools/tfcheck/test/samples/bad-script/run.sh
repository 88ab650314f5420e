#!/bin/bash
set -e
where="$1"
rm -rf $where
