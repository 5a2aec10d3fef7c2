#!/bin/sh
exec python app/main.py
